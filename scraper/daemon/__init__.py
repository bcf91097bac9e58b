"""The daemon: follows the files that watch rules name into one store, as a service."""
