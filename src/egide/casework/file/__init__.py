"""What stands in a file and what follows from it: facts and steps under seal, pure rules, who may see it, its words."""
