internal import CDashboard

/// The pages that show a daemon in a browser: static files, compiled into the program.
///
/// They use the public API alone. Nothing of them is made anew for a request, so that a browser may keep them as long as their
/// bytes are the same.
public enum Dashboard {
    /// A file that a browser loads.
    public struct File: Sendable {
        /// Its media type.
        public let type: String
        /// What it holds.
        public let bytes: [UInt8]
    }

    /// The page that everything else is loaded from.
    public static let page = {
        guard let page = all[pageName] else { preconditionFailure("pages.c has no \(pageName)") }
        return page
    }()

    /// Every other file, by its name.
    public static let files = all.filter { $0.key != pageName }

    private static let pageName = "index.html"

    private static let all: [String: File] = {
        var files: [String: File] = [:], index = 0
        while let file = nasd_page_at(index)?.pointee {
            let name = String(cString: file.name)
            guard files[name] == nil, let type = types[String(name.drop { $0 != "." })] else {
                preconditionFailure("\(name) is twice in pages.c, or has no media type")
            }
            files[name] = File(type: type, bytes: Array(UnsafeBufferPointer(start: file.bytes, count: file.count)))
            index += 1
        }
        return files
    }()

    private static let types = [
        ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
        ".js": "text/javascript; charset=utf-8",
    ]
}
