"""How good a recipe is: splits, figures, and trials on files."""
