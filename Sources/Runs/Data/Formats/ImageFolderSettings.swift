internal import Documents
internal import SearchSpaces

/// Pictures in folders, PNG and JPEG, a folder a class.
public struct ImageFolderSettings: DataFormat {
    /// Where the test pictures come from.
    public enum Test: Sendable, Hashable {
        /// A folder of their own, from the folder of the data.
        case folder(String)
        /// So great a share of each class of the training folder, drawn by the seed.
        case share(Double)
    }

    /// How pictures of any size become images of one.
    public enum Fit: String, Sendable, Hashable, CaseIterable {
        /// Their middle.
        case crop
        /// All of them, out of shape.
        case stretch
    }

    /// The folder, from the folder of the data, that is trained on and held out.
    public let train: String
    /// Where the test pictures come from.
    public let test: Test
    /// How pictures become images of one size.
    public let fit: Fit
    /// Whether a picture that cannot be read is an error, and not left out.
    public let strict: Bool

    static let name = "image-folder"
    private static let usual = (train: "train", test: "test", all: ".")

    init(_ reader: SectionReader) {
        reader.describe([
            "train.folder": "the folder of training pictures, a folder a class within",
            "test.folder": "the folder of test pictures",
            "test.share": "so great a share of each class of the training folder, drawn by the seed",
            "fit": "how pictures of any size become images: their middle, or all of them out of shape",
            "strict": "whether a picture that cannot be read is an error, and not left out",
        ])
        let section = reader.section("test")
        let isShare = section.has("share")
        if isShare {
            if section.has("folder") {
                section.report("expected one of folder and share, found both", key: "share")
                _ = section.node("folder", isRequired: false, expected: "a folder")
            }
            let share = section.number("share", in: 0...1, excludingLowest: true)
            if share == 1 {
                section.report("expected a share below 1, which leaves pictures to train with", key: "share")
            }
            test = .share(share)
        } else {
            // Known even where it is absent.
            _ = section.node("share", isRequired: false, expected: "a share")
            test = .folder(section.text("folder", default: Self.usual.test, expected: "a folder"))
        }
        section.finish()
        let part = reader.section("train")
        train = part.text("folder", default: isShare ? Self.usual.all : Self.usual.train, expected: "a folder")
        part.finish()
        fit = reader.word("fit", default: Fit.crop, standIn: .crop)
        strict = reader.flag("strict", default: false)
    }

    public var name: String { Self.name }
    /// People have hundreds of pictures and not tens of thousands.
    public var usualValidation: Int { 200 }
    /// Classes of few pictures would be missing somewhere.
    public var usualStratified: Bool { true }
    /// Where it is a share.
    public var drawsTest: Bool { if case .share = test { true } else { false } }

    public var resolvedKeys: [(key: String, value: String)] {
        let place =
            switch test {
            case .folder(let folder): ("test.folder", ResolvedEntries.quoted(folder))
            case .share(let share): ("test.share", ShortNumber.text(share))
            }
        return [
            ("train.folder", ResolvedEntries.quoted(train)), place, ("fit", fit.rawValue), ("strict", String(strict)),
        ]
    }
}
