// Check a log with the code of Go's checksum database: golang.org/x/mod/sumdb/note and sumdb/tlog.
//
// It reads one JSON object a line from standard input and answers each with one line, {"ok":true} or
// {"ok":false,"why":"…"}. Everything that decides is that library's; read here are only the two files that it does not
// know: a tlog-proof, and a checkpoint of another origin than its own.
//
//	{"kind":"checkpoint","vkey":"…","note":"…"}
//	{"kind":"receipt","vkey":"…","entry":"<base64>","proof":"<base64 of the tlog-proof file>"}
//	{"kind":"consistency","vkey":"…","old":"<note>","new":"<note>","hashes":["<base64>"]}
//	{"kind":"tiles","vkey":"…","old":"<note>","new":"<note>","dir":"<directory of the log>"}
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/ioutil"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	header     = "c2sp.org/tlog-proof@v1"
	tileHeight = 8
)

type question struct {
	Kind   string   `json:"kind"`
	Vkey   string   `json:"vkey"`
	Note   string   `json:"note"`
	Entry  string   `json:"entry"`
	Proof  string   `json:"proof"`
	Old    string   `json:"old"`
	New    string   `json:"new"`
	Hashes []string `json:"hashes"`
	Dir    string   `json:"dir"`
}

type answer struct {
	OK  bool   `json:"ok"`
	Why string `json:"why,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked question
		err := json.Unmarshal(lines.Bytes(), &asked)
		if err == nil {
			err = check(asked)
		}
		said := answer{OK: err == nil}
		if err != nil {
			said.Why = err.Error()
		}
		if err := out.Encode(said); err != nil {
			os.Exit(1)
		}
	}
	if lines.Err() != nil {
		fmt.Fprintln(os.Stderr, lines.Err())
		os.Exit(1)
	}
}

func check(asked question) error {
	switch asked.Kind {
	case "checkpoint":
		_, err := open(asked.Note, asked.Vkey)
		return err
	case "receipt":
		return checkReceipt(asked)
	case "consistency":
		return checkConsistency(asked)
	case "tiles":
		return checkTiles(asked)
	}
	return fmt.Errorf("no such kind: %q", asked.Kind)
}

// open verifies a checkpoint by the one key that Go's library knows the type of, Ed25519; other lines it ignores.
func open(text, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	cut := strings.Index(opened.Text, "\n")
	if cut < 0 || opened.Text[:cut] != verifier.Name() {
		return tlog.Tree{}, errors.New("the origin is not the name of the key")
	}
	return tlog.ParseTree([]byte("go.sum database tree" + opened.Text[cut:]))
}

func checkReceipt(asked question) error {
	entry, err := base64.StdEncoding.DecodeString(asked.Entry)
	if err != nil {
		return err
	}
	file, err := base64.StdEncoding.DecodeString(asked.Proof)
	if err != nil {
		return err
	}
	cut := strings.Index(string(file), "\n\n")
	if cut < 0 {
		return errors.New("no checkpoint below the proof")
	}
	lines := strings.Split(string(file[:cut]), "\n")
	if lines[0] != header || len(lines) < 2 || !strings.HasPrefix(lines[1], "index ") {
		return errors.New("not a tlog-proof with an index")
	}
	decimal := strings.TrimPrefix(lines[1], "index ")
	index, err := strconv.ParseInt(decimal, 10, 64)
	if err != nil || strconv.FormatInt(index, 10) != decimal { // one spelling, as tlog.ParseTree has it
		return errors.New("the index is not a whole number")
	}
	hashes, err := parseHashes(lines[2:])
	if err != nil {
		return err
	}
	tree, err := open(string(file[cut+2:]), asked.Vkey)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

func checkConsistency(asked question) error {
	older, newer, err := both(asked)
	if err != nil {
		return err
	}
	hashes, err := parseHashes(asked.Hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(hashes, newer.N, newer.Hash, older.N, older.Hash)
}

// checkTiles reads the whole log from its files: the tiles lead to the signed root, the entries hash to them, each has
// a proof, and the older checkpoint is a beginning of the newer one.
func checkTiles(asked question) error {
	older, newer, err := both(asked)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(newer, files{asked.Dir})
	if older.N > 0 && older.N <= newer.N {
		proof, err := tlog.ProveTree(newer.N, older.N, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash); err != nil {
			return err
		}
	}
	for n := int64(0); n < newer.N; n++ {
		entry, err := readEntry(asked.Dir, n, newer.N)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveRecord(newer.N, n, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, newer.N, newer.Hash, n, tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("entry %d: %v", n, err)
		}
	}
	return nil
}

func both(asked question) (older, newer tlog.Tree, err error) {
	if older, err = open(asked.Old, asked.Vkey); err != nil {
		return
	}
	newer, err = open(asked.New, asked.Vkey)
	return
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

// files is a log in a directory, laid out after C2SP tlog-tiles: tile/<L>/<N> for what Go names tile/8/<L>/<N>.
type files struct{ dir string }

func (f files) Height() int                     { return tileHeight }
func (f files) SaveTiles([]tlog.Tile, [][]byte) {}

func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		path := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		data, err := read(f.dir, path)
		if err != nil {
			return nil, err
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes", path, len(data))
		}
		all = append(all, data)
	}
	return all, nil
}

// readEntry takes an entry out of its bundle, in which each stands behind its length in two bytes.
func readEntry(dir string, n, size int64) ([]byte, error) {
	tile := tlog.Tile{H: tileHeight, L: 0, N: n >> tileHeight, W: 1 << tileHeight}
	if left := size - tile.N<<tileHeight; left < int64(tile.W) {
		tile.W = int(left)
	}
	data, err := read(dir, "tile/entries/"+strings.TrimPrefix(tile.Path(), "tile/8/0/"))
	if err != nil {
		return nil, err
	}
	for skip := n & (1<<tileHeight - 1); ; skip-- {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, errors.New("the bundle is cut off")
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		if skip == 0 {
			return data[2:end], nil
		}
		data = data[end:]
	}
}

func read(dir, path string) ([]byte, error) {
	return ioutil.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
}
