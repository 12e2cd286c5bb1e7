"""For those who come from elsewhere: results and calls in the shape of DeepFace and of fer, with mien's models."""
