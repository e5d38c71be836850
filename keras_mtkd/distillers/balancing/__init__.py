"""How a distiller's step balances its objectives."""
