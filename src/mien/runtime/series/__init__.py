"""The table over time: smoothing, baselines, events, summaries and ELAN files of what was found in a video."""
