"""The study page: what it says, what it holds, and the files that it is made of."""
