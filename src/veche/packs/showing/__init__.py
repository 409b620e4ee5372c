"""Shows a pack to people and programs: what it holds, and how two of them differ."""
