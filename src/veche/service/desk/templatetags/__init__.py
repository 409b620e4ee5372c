"""What the templates of the desk say in their own words."""
