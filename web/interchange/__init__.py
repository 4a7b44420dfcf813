"""
What other houses write, and what is written for them: spreadsheets, EMA Avails, ODRL.

Nothing that comes in is a fact. An import answers drafts, which somebody reads and signs, and a report that names every
row and cell at fault; a file with one wrong row yields none. What a format cannot express is reported, never dropped.
"""
