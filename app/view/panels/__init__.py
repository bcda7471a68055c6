"""The panels below the first screen: a registry and one file per panel."""
