"""The dashboard: a page that follows positions in a browser. Its files are in `page`; they hold no data of anybody."""
