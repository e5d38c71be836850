"""Methods that weigh losses."""
