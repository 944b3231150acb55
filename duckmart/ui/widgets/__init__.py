"""Parts that every page uses: widgets tied to the draft, captions, charts and cards."""
