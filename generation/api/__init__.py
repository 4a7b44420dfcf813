"""Shots and weights over HTTP: translates calls into services and selectors, and decides nothing."""
