// swift-tools-version: 6.2
import PackageDescription

// The order of the targets is the order of the layers: a target imports only what stands above it.
// `Tests/ArchitectureTests` holds this manifest against the table in Documentation/architecture.md.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),  // SE-0335
    .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
    .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
    .treatAllWarnings(as: .error),  // SE-0443
]

/// Of the programs' own modules, which read command lines and print: optimising them took three quarters of their compilation.
let programSettings = settings + [.unsafeFlags(["-Onone"])]

let kernelSettings: [CSetting] = [
    .unsafeFlags(["-O3", "-ffp-contract=fast", "-Wall", "-Werror"])
]

let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let server: [Target.Dependency] = [
    .product(name: "Hummingbird", package: "hummingbird"),
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    .product(name: "Configuration", package: "swift-configuration"),
    "Dashboard",
]

let package = Package(
    name: "nasd",
    products: [
        .executable(name: "nasd", targets: ["nasd"]),
        .executable(name: "nas-ctl", targets: ["nas-ctl"]),
    ],
    dependencies: [
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        // No default traits: files are read and written whole.
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0", traits: []),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
    ],
    targets: [
        .systemLibrary(name: "COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CImageCodecs", providers: [.apt(["libturbojpeg0-dev", "libspng-dev"])]),
        .target(name: "CSystemCalls", cSettings: [.define("_GNU_SOURCE"), .unsafeFlags(["-O2", "-Wall", "-Werror"])]),
        .target(name: "CKernels", cSettings: kernelSettings),
        .target(name: "Documents", dependencies: [yams], swiftSettings: settings),
        .target(name: "Tensors", dependencies: ["COpenBLAS", "CKernels"], swiftSettings: settings),
        .target(name: "SearchSpaces", dependencies: ["Documents"], swiftSettings: settings),
        .target(name: "Runs", dependencies: ["SearchSpaces", "Documents"], swiftSettings: settings),
        .target(
            name: "Datasets", dependencies: ["Tensors", "CZlib", "CImageCodecs", "CSystemCalls"],
            swiftSettings: settings),
        .target(name: "Supernets", dependencies: ["Tensors", "SearchSpaces"], swiftSettings: settings),
        .target(
            name: "Training",
            dependencies: [
                "Supernets", "Datasets", "Tensors", "Runs", "SearchSpaces", "Documents", "CSystemCalls", logging,
            ],
            swiftSettings: settings),
        .target(
            name: "Exporters", dependencies: ["Supernets", "Tensors", "SearchSpaces", protobuf],
            exclude: ["ONNX/onnx.proto"], swiftSettings: settings),
        .target(
            name: "Search", dependencies: ["Runs", "SearchSpaces", "Tensors"], swiftSettings: settings),
        .target(
            name: "Store", dependencies: ["Runs", "SearchSpaces", "Documents", "CSystemCalls", grdb, logging],
            swiftSettings: settings),
        .target(
            name: "Coordinator",
            dependencies: [
                "Training", "Search", "Store", "Supernets", "Datasets", "Tensors", "Runs", "SearchSpaces", "Documents",
                "CSystemCalls", "COpenSSL", logging,
            ],
            swiftSettings: settings),
        .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .target(name: "HTTPClient", dependencies: ["CCurl"], swiftSettings: settings),
        .target(
            name: "API", dependencies: ["HTTPClient", "Runs", "SearchSpaces", "Documents"], swiftSettings: settings),
        .target(
            name: "CDashboard", exclude: ["Pages"],
            cSettings: [.unsafeFlags(["-Wall", "-Werror", "-Wno-c23-extensions"])]),
        .target(name: "Dashboard", dependencies: ["CDashboard"], swiftSettings: settings),
        .target(
            name: "Daemon",
            dependencies: [
                "Coordinator", "Exporters", "API", "HTTPClient", "Training", "Search", "Store", "Supernets", "Datasets",
                "Tensors", "Runs", "SearchSpaces", "Documents", "CSystemCalls", "CZlib", "COpenSSL", logging,
            ] + server,
            swiftSettings: settings),
        .target(name: "UserFiles", dependencies: ["API", "Documents", "CSystemCalls"], swiftSettings: settings),
        .executableTarget(
            name: "nas-ctl",
            dependencies: ["UserFiles", "API", "HTTPClient", "Runs", "SearchSpaces", "Documents", argumentParser],
            swiftSettings: programSettings),
        .executableTarget(
            name: "nasd",
            dependencies: [
                "Daemon", "UserFiles", "API", "Exporters", "Coordinator", "Training", "Search", "Store", "Supernets",
                "Datasets",
                "Tensors",
                "Runs", "SearchSpaces", "Documents", "CSystemCalls",
                logging, argumentParser,
            ],
            swiftSettings: programSettings),

        .target(name: "TestSupport", dependencies: ["COpenSSL"], path: "Tests/TestSupport", swiftSettings: settings),
        .testTarget(name: "ArchitectureTests", dependencies: ["TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "TensorsTests", dependencies: ["Tensors", "CKernels", "TestSupport"],
            resources: [.copy("Fixtures")], swiftSettings: settings),
        .testTarget(
            name: "SearchSpacesTests", dependencies: ["Runs", "SearchSpaces", "Documents", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "DatasetsTests", dependencies: ["Datasets", "Tensors", "TestSupport"],
            resources: [.copy("Fixtures")], swiftSettings: settings),
        .testTarget(
            name: "SupernetsTests",
            dependencies: ["Supernets", "Tensors", "SearchSpaces", "TestSupport"],
            resources: [.copy("Fixtures")], swiftSettings: settings),
        .testTarget(
            name: "ExportersTests",
            dependencies: ["Exporters", "Supernets", "Tensors", "SearchSpaces", "TestSupport", protobuf],
            swiftSettings: settings),
        .testTarget(
            name: "TrainingTests",
            dependencies: ["Training", "Supernets", "Datasets", "Tensors", "Runs", "SearchSpaces", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "SearchTests",
            dependencies: ["Search", "Runs", "SearchSpaces", "Documents", "Tensors", "TestSupport"],
            resources: [.copy("Fixtures")], swiftSettings: settings),
        .testTarget(
            name: "StoreTests", dependencies: ["Store", "Runs", "SearchSpaces", "TestSupport", grdb],
            resources: [.copy("Fixtures")], swiftSettings: settings),
        .testTarget(
            name: "CoordinatorTests",
            dependencies: [
                "Coordinator", "Training", "Search", "Store", "Supernets", "Datasets", "Tensors", "Runs",
                "SearchSpaces", "Documents",
                "TestSupport", logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "HTTPClientTests", dependencies: ["HTTPClient", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Daemon", "API", "HTTPClient", "Coordinator", "Store", "Runs", "SearchSpaces", "COpenSSL",
                "TestSupport",
                logging,
                grdb, .product(name: "NIOEmbedded", package: "swift-nio"),
            ] + server,
            swiftSettings: settings),
        .testTarget(
            name: "NasCtlTests",
            dependencies: [
                "nas-ctl", "nasd", "UserFiles", "API", "HTTPClient", "Runs", "SearchSpaces", "Documents", "TestSupport",
                argumentParser,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "NasdTests", dependencies: ["nasd", "nas-ctl", "Store", "API", "HTTPClient", "TestSupport"],
            exclude: ["Browser"], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11
)
