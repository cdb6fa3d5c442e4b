"""Runs behind a URL: what is uploaded, how it is verified, and the spool on the disk of this machine."""
