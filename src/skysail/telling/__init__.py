"""What people are told of instances and what comes with an act on them: the same in a terminal and on a page. Pure."""
