// Replaced by the first real code of this target.
