"""The site of these pages: its builder, the pages that follow from the code, and the commands in them."""
