"""Province packs: a regulation as data, each rule with its citation."""
