// swift-tools-version: 6.2
// Limner: one photo-sketch pair in, sketches of any other photo out. The law between these targets is drawn in
// docs/tour.md and held by scripts/check-law.
import PackageDescription

let swiftSettings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "limner",
    products: [.executable(name: "limner", targets: ["limner"])],
    traits: [
        .trait(name: "HEIC", description: "Read pictures of iPhones, through libheif in a process of its own."),
        .trait(name: "Faces", description: "Remark upon photos of no face or of several, as dlib sees them."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "COpenBLAS", path: "Sources/System/COpenBLAS", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "COpenSSL", path: "Sources/System/COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CKissFFT", path: "Sources/System/CKissFFT", providers: [.apt(["libkissfft-dev"])]),
        .systemLibrary(name: "CLinux", path: "Sources/System/CLinux"),
        .systemLibrary(name: "CHeif", path: "Sources/System/CHeif", providers: [.apt(["libheif-dev"])]),
        .target(name: "CKernels", path: "Sources/CKernels"),
        .target(
            name: "CCodecs", path: "Sources/CCodecs",
            linkerSettings: ["jpeg", "lcms2", "png", "webp", "z"].map { .linkedLibrary($0) }),
        .target(
            name: "CFaces", path: "Sources/CFaces",
            cxxSettings: [.define("LIMNER_FACES", .when(traits: ["Faces"]))],
            linkerSettings: ["dlib", "openblas"].map { .linkedLibrary($0, .when(traits: ["Faces"])) }),
        .target(name: "LimnerProtocol", path: "Sources/Protocol", swiftSettings: swiftSettings),
        .target(
            name: "LimnerEngine", dependencies: ["CKernels", "COpenBLAS", "COpenSSL"], path: "Sources/Engine",
            swiftSettings: swiftSettings),
        .target(
            name: "LimnerImaging",
            dependencies: [
                "CCodecs", .target(name: "CHeif", condition: .when(traits: ["HEIC"])),
                .target(name: "CFaces", condition: .when(traits: ["Faces"])),
            ],
            path: "Sources/Imaging", swiftSettings: swiftSettings),
        .target(
            name: "LimnerEvaluation", dependencies: ["CKissFFT"], path: "Sources/Evaluation",
            swiftSettings: swiftSettings),
        .target(
            name: "LimnerServer",
            dependencies: [
                "LimnerProtocol", "COpenSSL", "CLinux", .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            path: "Sources/Server",
            resources: ["html", "css", "js"].map { .embedInCode("Page/page.\($0)") }, swiftSettings: swiftSettings),
        .target(
            name: "LimnerStudio",
            dependencies: [
                "LimnerServer", "LimnerEngine", "LimnerImaging", "LimnerEvaluation", "LimnerProtocol",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Studio", swiftSettings: swiftSettings),
        .executableTarget(
            name: "limner",
            dependencies: ["LimnerStudio", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Sources/limner", swiftSettings: swiftSettings),
        .executableTarget(
            name: "limner-echo",
            dependencies: [
                "LimnerServer", "LimnerProtocol", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Sources/Echo", swiftSettings: swiftSettings),
        .testTarget(
            name: "ProtocolTests", dependencies: ["LimnerProtocol"], path: "Tests/ProtocolTests",
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngineTests", dependencies: ["LimnerEngine", "CKernels"], path: "Tests/EngineTests",
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ImagingTests", dependencies: ["LimnerImaging"], path: "Tests/ImagingTests",
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EvaluationTests", dependencies: ["LimnerEvaluation"], path: "Tests/EvaluationTests",
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "LimnerServer", "LimnerProtocol", "COpenSSL", .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"), .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            path: "Tests/ServerTests", swiftSettings: swiftSettings),
        .testTarget(
            name: "StudioTests",
            dependencies: [
                "LimnerStudio", "LimnerEngine", "LimnerEvaluation", "LimnerImaging", "LimnerServer", "LimnerProtocol",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/StudioTests", swiftSettings: swiftSettings),
    ],
    swiftLanguageModes: [.v6]
)
