/// Something about data that load and are probably not what was meant.
public enum DataWarning: Equatable, Sendable, CustomStringConvertible {
    /// Whether so many test examples that are training examples too are told of.
    static func isTold(shared count: Int, of examples: Int) -> Bool { count > 0 && count * 100 >= examples }

    /// A part of a data set, as warnings call it.
    public enum Part: String, Sendable {
        /// What is trained on.
        case training
        /// What candidates are measured on.
        case validation
        /// What samplers learn from.
        case sampler
        /// What is measured once, at the end.
        case test
    }

    /// All training images are of one class.
    case oneClass(label: Int, count: Int, classes: Int)
    /// Classes that have no image in a part.
    case missingClasses(Part, missing: [String], classes: Int, count: Int)
    /// The test images cannot be of the same kind as the training images.
    case otherScale(test: Scale, training: Scale)
    /// Some images have values far beyond those of all others; the first by its place in its file.
    case outliers(Part, images: Int, count: Int, first: Int, value: Float, usual: Float)
    /// Images whose pixels are all the same.
    case constantImages(Part, images: Int, count: Int)
    /// Every training image is the same.
    case sameImages(count: Int)
    /// Test images that are training images too.
    case sharedImages(images: Int, count: Int)
    /// Test rows of a table that are training rows too, the target included.
    case sharedRows(rows: Int, count: Int)
    /// Columns of a table that have one value in the training part.
    case constantColumns([String])
    /// Texts of a column that the training part has not.
    case unknownCategories(Part, column: String, texts: [String], rows: Int)
    /// Values that are missing in a column in which the training part has all.
    case missingValues(Part, column: String, rows: Int)
    /// What is held out leaves few examples to train on.
    case littleLeft(training: Int, count: Int, classes: Int)

    /// A picture that cannot be read, and is left out.
    case brokenPicture(path: String, reason: String)
    /// So many more of them.
    case brokenPictures(more: Int, of: Int)
    /// Pictures whose contents are of another format than their names say.
    case misnamedPictures(count: Int, first: String)
    /// Pictures that lie beside the folders of the classes.
    case unsortedPictures(count: Int, first: String)
    /// Files in the folders of the classes that are no pictures by their names.
    case otherFiles(count: Int, kinds: [String])

    /// A file names another number of classes than there are.
    case otherNames(file: String, names: Int, classes: Int)

    /// The values of a part in short.
    public struct Scale: Equatable, Sendable, CustomStringConvertible {
        /// The mean of all values; of bytes as value / 255.
        public let mean: Float
        /// The mean of the images' standard deviations.
        public let deviation: Float
        /// The smallest value.
        public let low: Float
        /// The largest value.
        public let high: Float

        /// In words.
        public var description: String { "mean \(mean), deviation \(deviation), from \(low) to \(high)" }
    }

    /// What is found, how often, and what to do.
    public var description: String {
        switch self {
        case .oneClass(let label, let count, let classes):
            "all \(count) training images are of class \(label) of the \(classes) there are: networks learn to say "
                + "nothing else; check the labels"
        case .missingClasses(let part, let missing, let classes, let count):
            "\(Self.list(missing)) of the \(classes) there are \(missing.count == 1 ? "has" : "have") none of the "
                + "\(count) \(part.rawValue) examples: " + Self.remedy(part)
        case .otherScale(let test, let training):
            "the test images (\(test)) are on another scale than the training images (\(training)): their accuracy "
                + "means nothing; prepare both in the same way"
        case .outliers(let part, let images, let count, let first, let value, let usual):
            "\(images) of the \(count) \(part.rawValue) images \(images == 1 ? "has" : "have") values up to \(value), image "
                + "\(first) of the \(part == .test ? "test" : "training") data the first of them, where \(usual) is usual: "
                + (part == .training
                    ? "mean and deviation that images are normalised by are theirs; clip or remove them"
                    : "what is measured on them means nothing; clip or remove them")
        case .constantImages(let part, let images, let count):
            "\(images) of the \(count) \(part.rawValue) images \(images == 1 ? "is" : "are") of one colour, without any "
                + "content; check how they were made"
        case .sameImages(let count):
            "all \(count) training images are the same image; check how they were made"
        case .sharedImages(let images, let count):
            "\(images) of the \(count) test images \(images == 1 ? "is a training image" : "are training images") too: "
                + "test accuracy is too good; take them out of one of both"
        case .sharedRows(let rows, let count):
            "\(rows) of the \(count) test rows \(rows == 1 ? "is a training row" : "are training rows") too, in every value: "
                + "what is measured on them is too good, unless rows are alike by nature; take copies out of one of both"
        case .constantColumns(let names):
            "\(names.count == 1 ? "column" : "columns") \(TableFault.list(names)) \(names.count == 1 ? "has" : "have") one "
                + "value in all training rows, from which nothing can be learned; check the data, or leave it out"
        case .unknownCategories(let part, let column, let texts, let rows):
            "\(rows) \(part.rawValue) \(rows == 1 ? "row has" : "rows have") a text in column '\(TableFault.shown(column))' that no training "
                + "row has (\(TableFault.list(texts))): networks see it as none at all; add rows with it, or hold out fewer"
        case .missingValues(let part, let column, let rows):
            "\(rows) \(part.rawValue) \(rows == 1 ? "row misses" : "rows miss") a value in column '\(TableFault.shown(column))', which all "
                + "training rows have: networks see the mean, or no text at all, in its place"
        case .brokenPicture(let path, let reason):
            "\(Self.shown(path)) \(reason); it is left out"
        case .brokenPictures(let more, let count):
            "\(more) more of the \(count) pictures cannot be read, and are left out; data.strict: true makes it an error"
        case .misnamedPictures(let count, let first):
            "\(count) \(count == 1 ? "picture has" : "pictures have") the name of another format (\(Self.shown(first))"
                + "\(count > 1 ? " is the first" : "")): PNG and JPEG are told by their contents"
        case .unsortedPictures(let count, let first):
            "\(count) \(count == 1 ? "picture lies" : "pictures lie") beside the folders of the classes "
                + "(\(Self.shown(first))\(count > 1 ? " is the first" : "")), and in none: left out"
        case .otherFiles(let count, let kinds):
            "\(count) \(count == 1 ? "file is" : "files are") no PNG or JPEG by the name, and left out "
                + "(\(kinds.joined(separator: ", ")))"
        case .otherNames(let file, let names, let classes):
            "\(file) has \(names) \(names == 1 ? "name" : "names") for \(classes) classes: classes are called by their numbers; "
                + "write a line for each, in the order of the labels"
        case .littleLeft(let training, let count, let classes):
            "data.holdOut leaves \(training) of \(count) examples to train "
                + "\(classes > 1 ? "\(classes) classes " : "")with; hold out fewer"
        }
    }

    /// A path without what a terminal would obey.
    private static func shown(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).map { TableFault.shown(String($0)) }
            .joined(separator: "/")
    }

    private static func remedy(_ part: Part) -> String {
        switch part {
        case .training: "networks cannot learn it; check the labels, and input.classes of the space"
        case .validation: "candidates are not measured on it; raise data.holdOut.validation, or add examples of it"
        case .sampler: "the sampler does not see it; raise data.holdOut.sampler, or add examples of it"
        case .test: "test accuracy tells nothing of it; add examples of it, or check the labels"
        }
    }

    /// The first few of a list of classes.
    private static func list(_ classes: [String]) -> String {
        let shown = classes.prefix(5).map(TableFault.shown).joined(separator: ", ")
        let rest = classes.count > 5 ? " and \(classes.count - 5) more" : ""
        return "\(classes.count == 1 ? "class" : "classes") \(shown)\(rest)"
    }
}
