// Pairs are found by names alone, in every layout of the field.
import Foundation
import LimnerEvaluation
import Testing

@Suite("Data sets by their files' names")
struct DataSetTests {
    private func names(_ set: DataSet) -> [String: [String]] {
        Dictionary(uniqueKeysWithValues: set.families.map { ($0.name, $0.pairs.map(\.name)) })
    }

    @Test("photos and sketches of the same stem are pairs, whatever their formats")
    func plain() {
        let set = DataSet(name: "faces", files: ["photos/b.jpg", "photos/a.png", "sketches/a.JPG", "sketches/b.png"])
        #expect(set.layout == .plain && set.rejected.isEmpty)
        #expect(
            set.families == [
                Family(
                    name: "faces",
                    pairs: [
                        Pair(name: "a", photo: "photos/a.png", sketch: "sketches/a.JPG"),
                        Pair(name: "b", photo: "photos/b.jpg", sketch: "sketches/b.png"),
                    ])
            ])
    }

    @Test("a folder of such folders is a set of families, sorted by name")
    func families() {
        let files = ["ink", "pencil-sketch"].flatMap { ["\($0)/photos/a.png", "\($0)/sketches/a.png"] }
        let set = DataSet(name: "styles", files: files)
        #expect(set.families.map(\.name) == ["ink", "pencil-sketch"])
    }

    @Test("families may also be folders inside photos and sketches")
    func familiesInside() {
        let files = ["photo/CUFS/1.jpg", "sketch/CUFS/1.jpg", "photo/Wild/1.jpg", "sketch/Wild/1.jpg"]
        #expect(names(DataSet(name: "OS-Sketch", files: files)) == ["CUFS": ["1"], "Wild": ["1"]])
    }

    @Test(
        "CUFS: the artist's suffix and the letters' case do not part a pair, nor do folders that say their side twice")
    func cufs() {
        let set = DataSet(
            name: "CUFS",
            files: [
                "CUHK_training_cropped_photos/photos/f-005-01.jpg", "CUHK_training_cropped_photos/photos/f2-018-01.jpg",
                "CUHK_training_cropped_sketches/sketches/f-005-01-sz1.jpg",
                "CUHK_training_cropped_sketches/sketches/F2-018-01-sz1.jpg",
            ])
        #expect(set.layout == .cufs)
        #expect(names(set) == ["CUHK_training_cropped": ["f-005-01", "f2-018-01"]])
    }

    @Test("FS2K: image and sketch numbers pair, and the annotations decide the family")
    func fs2k() throws {
        let files = [
            "photo/photo1/image0001.jpg", "sketch/sketch1/sketch0001.jpg", "photo/photo2/image0001.jpg",
            "sketch/sketch2/sketch0001.png", "photo/photo2/image0007.jpg", "sketch/sketch2/sketch0007.png",
            "anno_train.json", "anno_test.json",
        ]
        let train = Data(#"[{"image_name": "photo1/image0001", "style": 2, "hair": 0}]"#.utf8)
        let test = Data(#"[{"image_name": "photo2/image0001", "style": 0}]"#.utf8)
        let set = DataSet(name: "FS2K", files: files, annotations: [train, test])
        #expect(set.layout == .fs2k)
        #expect(names(set) == ["style1": ["photo2-image0001"], "style3": ["photo1-image0001"]])
        #expect(set.families[1].pairs[0].sketch == "sketch/sketch1/sketch0001.jpg")
        #expect(set.rejected == [Rejection("photo/photo2/image0007.jpg", "has no style in the annotations")])
    }

    @Test("FS2K without annotations pairs just so, one family for each source")
    func fs2kBare() {
        let files = ["photo/photo1/image0001.jpg", "sketch/sketch1/sketch0001.jpg"]
        #expect(names(DataSet(name: "FS2K", files: files)) == ["1": ["image0001"]])
    }

    @Test(
        "OS-Sketch is told by its name or by its folder of originals",
        arguments: [("OS-Sketch", "photo/1.jpg"), ("data", "original-ood-sketches/9.jpg")])
    func osSketch(name: String, file: String) {
        let set = DataSet(name: name, files: ["photos/1.jpg", "sketches/1.jpg", file])
        #expect(set.layout == .osSketch)
    }

    @Test("what has no partner, no clear partner or no picture's name is told of, and the others are paired")
    func rejected() {
        let set = DataSet(
            name: "x",
            files: [
                "photos/a.png", "sketches/a.png", "photos/b.png", "sketches/c.png", "photos/d.png", "photos/d.jpg",
                "sketches/d.png", "photos/notes.txt", "photos/.DS_Store", "__MACOSX/photos/a.png", "readme.md",
            ])
        #expect(names(set) == ["x": ["a"]])
        #expect(
            set.rejected.map(\.what) == [
                "photos/b.png", "photos/d.jpg", "photos/d.png", "photos/notes.txt", "sketches/c.png", "sketches/d.png",
            ])
    }

    @Test("families of one name are told of, not mixed")
    func namesakes() {
        let set = DataSet(
            name: "x", files: ["ink/photos/1.png", "ink/sketches/1.png", "photos/ink/1.png", "sketches/ink/1.png"])
        #expect(set.families.isEmpty)
        #expect(set.rejected == [Rejection("ink", "is the name of 2 families; rename their folders")])
    }

    @Test("a folder with one side alone is told of once")
    func lonely() {
        let set = DataSet(name: "x", files: ["originals/sketches/1.png", "originals/sketches/2.png"])
        #expect(set.families.isEmpty)
        #expect(set.rejected == [Rejection("originals/sketches", "2 sketches without photos")])
    }
}
