public import Foundation

/// Where the checkout and the optional test data lie.
public enum Repository {
    /// The folder of Package.swift.
    public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The folder of real data sets named by `NASD_TEST_DATA`; tests that need it skip where it is not set.
    public static let testData: URL? = ProcessInfo.processInfo.environment["NASD_TEST_DATA"].map {
        URL(filePath: $0)
    }
}
