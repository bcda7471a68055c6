"""What every view needs: precompiled templates, number formats, languages, links, page state."""
