"""Lectures as JSON: for the lecturer, and for those who follow."""
