"""The lab: networks and their training. The only folder that imports torch; needs `pip install 'mien[train]'`."""
