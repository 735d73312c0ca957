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
    public static let page = File(type: "text/html; charset=utf-8", bytes: PackageResources.index_html)

    /// Every other file, by its name.
    public static let files: [String: File] = [
        "style.css": File(type: "text/css; charset=utf-8", bytes: PackageResources.style_css),
        "icon.svg": File(type: "image/svg+xml", bytes: PackageResources.icon_svg),
        "app.js": script(PackageResources.app_js),
        "api.js": script(PackageResources.api_js),
        "dom.js": script(PackageResources.dom_js),
        "format.js": script(PackageResources.format_js),
        "scale.js": script(PackageResources.scale_js),
        "lines.js": script(PackageResources.lines_js),
        "scatter.js": script(PackageResources.scatter_js),
        "blocks.js": script(PackageResources.blocks_js),
        "entry.js": script(PackageResources.entry_js),
        "runs.js": script(PackageResources.runs_js),
        "run.js": script(PackageResources.run_js),
        "front.js": script(PackageResources.front_js),
        "sampler.js": script(PackageResources.sampler_js),
        "journal.js": script(PackageResources.journal_js),
        "candidates.js": script(PackageResources.candidates_js),
        "candidate.js": script(PackageResources.candidate_js),
        "compare.js": script(PackageResources.compare_js),
        "submit.js": script(PackageResources.submit_js),
        "daemon.js": script(PackageResources.daemon_js),
    ]

    private static func script(_ bytes: [UInt8]) -> File { File(type: "text/javascript; charset=utf-8", bytes: bytes) }
}
