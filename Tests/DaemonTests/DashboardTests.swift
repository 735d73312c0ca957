import Dashboard
import Foundation
import Testing

/// What the pages are made of, as it lies in the program.
@Suite struct DashboardTests {
    private var texts: [String: String] {
        Dashboard.files.mapValues { String(decoding: $0.bytes, as: UTF8.self) }
    }

    /// Everything that is referred to is there, and everything that is there is referred to.
    @Test func everyFileIsLoadedByAnother() throws {
        let page = String(decoding: Dashboard.page.bytes, as: UTF8.self)
        var wanted = Set(page.matches(of: /(?:src|href)="ui\/([^"]+)"/).map { String($0.1) })
        for (name, text) in texts where name.hasSuffix(".js") {
            wanted.formUnion(text.matches(of: /from "\.\/([^"]+)"/).map { String($0.1) })
        }
        #expect(wanted == Set(Dashboard.files.keys))
    }

    /// The policy permits no script or style within documents, no other origin, and nothing that makes code of text.
    @Test func nothingNeedsWhatThePolicyForbids() {
        let page = String(decoding: Dashboard.page.bytes, as: UTF8.self)
        #expect(page.firstMatch(of: /<style|style=|<script>|\son\w+=/) == nil)
        for (name, text) in texts {
            for word in [
                "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "localStorage", "cookie",
            ] {
                #expect(!text.contains(word), "\(name): \(word)")
            }
            let addresses = text.matches(of: /https?:\/\/[^\s"'`)]+/).map { String($0.0) }
            #expect(addresses.allSatisfy { $0 == "http://www.w3.org/2000/svg" }, "\(name): \(addresses)")
        }
    }

    @Test func allOfItIsSmall() {
        let bytes = Dashboard.files.values.reduce(Dashboard.page.bytes.count) { $0 + $1.bytes.count }
        #expect(bytes < 300_000 && bytes > 50_000)
    }
}
