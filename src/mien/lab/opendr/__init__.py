"""OpenDR's facial emotion learner on the lab's own networks and training; users import it as `mien.opendr`."""
