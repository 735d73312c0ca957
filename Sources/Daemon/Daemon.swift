internal import API

/// The daemon.
enum Daemon {}
