"""The picture: counts of appeals, protected for publication, and the report that shows them."""
