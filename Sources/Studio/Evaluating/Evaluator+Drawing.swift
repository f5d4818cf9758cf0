// How each method comes to its sketch, and where it is kept. A way to draw that is new is one more case of `picture`.
import LimnerEngine
import LimnerEvaluation
import LimnerImaging
import LimnerProtocol

/// A photo's luminance in its drawing size.
struct GrayPhoto {
    let width: Int
    let height: Int
    let luminance: [UInt8]
}

extension Evaluator {
    /// Other photos that one sketch is held against at most.
    private static let maximumOthers = 99

    func styleName(_ unit: LessonUnit) -> String { "styles/\(unit.family)/\(unit.pair)-\(unit.seed).safetensors" }

    /// Tunes on the pair and keeps the style.
    func tune(_ unit: LessonUnit, _ pair: Pair, beat: () throws -> Void) throws -> Lesson {
        var lesson = LessonRequest(
            name: pair.name, photo: data.path(pair.photo), sketch: try sketchFile(unit.family, pair))
        (lesson.text, lesson.steps, lesson.size, lesson.seed) = (
            request.text, request.tuneSteps, request.size, unit.seed
        )
        (lesson.learningRate, lesson.freeRows) = (request.learningRate, request.freeRows)
        lesson.matchesTones = request.matchesTones
        let learned = try artist.learn(lesson) { _, _, _ in try beat() }
        try folder.makeFolder(for: styleName(unit))
        try learned.style.write(to: folder.path(styleName(unit)))
        return learned
    }

    /// The sketch to tune on: the file itself, or when truths are prepared, one prepared like them.
    private func sketchFile(_ family: String, _ pair: Pair) throws -> String {
        guard data.preparesTruths else { return data.path(pair.sketch) }
        let name = "pairs/\(family)/\(pair.name).png"
        _ = try folder.picture(name) { try data.sketch(pair) }
        return folder.path(name)
    }

    /// Whether the pair could be tuned on, since the rows are of the same pairs, and the filter fitted where it is needed.
    func canDraw(_ unit: SketchUnit) -> Bool {
        guard folder.records.lessons[lesson(of: unit)]?.product != nil else { return false }
        return unit.method != .filter
            || folder.records.filters[FilterUnit(family: unit.family, pair: unit.pair)]?.product != nil
    }

    private func lesson(of unit: SketchUnit) -> LessonUnit {
        LessonUnit(family: unit.family, pair: unit.pair, seed: unit.seeds.tuning)
    }

    /// The unit's sketch, drawn or as it was kept.
    /// - Precondition: ``canDraw(_:)``.
    func picture(_ unit: SketchUnit, _ assignment: Assignment, _ test: Pair, beat: () throws -> Void) throws -> Raster {
        let sketches = "sketches/\(unit.family)"
        switch unit.method {
        case .tuned:
            let name = "\(sketches)/\(unit.pair)/tuned-\(unit.seeds.tuning)-\(unit.seeds.noise)/\(test.name).png"
            return try folder.picture(name) {
                try draw(test, unit, Style(path: folder.path(styleName(lesson(of: unit)))), beat)
            }
        case .predicted:
            return try folder.picture("\(sketches)/\(unit.pair)/predicted-\(unit.seeds.noise)/\(test.name).png") {
                try draw(test, unit, try proposal(unit.family, assignment.pair), beat)
            }
        case .untuned:
            return try folder.picture("\(sketches)/untuned-\(unit.seeds.noise)/\(test.name).png") {
                try draw(test, unit, nil, beat)
            }
        case .gray:
            return try data.photo(test).gray
        case .copy:
            return try data.sketch(assignment.pair)
        case .filter:
            return try folder.picture("\(sketches)/\(unit.pair)/filter/\(test.name).png") {
                let filter = folder.records.filters[FilterUnit(family: unit.family, pair: unit.pair)]!.product!.filter
                return Raster(filter(GrayImage(try sized(data.photo(test)))))
            }
        }
    }

    /// The instruction that tuning would start from, as a style that was tuned in no step.
    /// - Precondition: the model proposes instructions.
    private func proposal(_ family: String, _ pair: Pair) throws -> Style {
        if let style = proposals[pair.photo] { return style }
        let (model, photo) = (artist.model, try data.photo(pair))
        let canvas = try canvas(photo)
        let sketch = try Raster.read(sketchFile(family, pair))
        let proposed = model.instruction(forPhoto: canvas.tensor(photo), sketch: canvas.tensor(sketch))!
        let origin = StyleOrigin(
            name: pair.name, modelName: model.name, modelHash: model.hash,
            settings: TuningSettings(model.defaults, start: .pair), freeRows: proposed.wordCount, photoHash: "",
            sketchHash: "", curve: [])
        let style = Style(instruction: proposed, origin: origin)
        proposals[pair.photo] = style
        return style
    }

    private func draw(_ test: Pair, _ unit: SketchUnit, _ style: Style?, _ beat: () throws -> Void) throws -> Raster {
        let drawing = DrawingRequest(
            styles: style.map { [($0, 1)] } ?? [], text: style == nil ? request.text : nil, steps: request.steps,
            size: request.size, noise: .seed(unit.seeds.noise))
        return try artist.draw(data.photo(test), drawing) { _, _, _ in try beat() }.picture
    }

    /// A photo in the size the model would draw it at: filters get what the model gets.
    private func sized(_ photo: Raster) throws -> Raster {
        let canvas = try canvas(photo)
        return photo.resized(width: canvas.width, height: canvas.height)
    }

    private func canvas(_ photo: Raster) throws -> Canvas {
        let size = request.size ?? .longSide(artist.model.defaults.size)
        return try Canvas(width: photo.width, height: photo.height, size: size, stride: artist.model.stride)
    }

    /// Photo and sketch in the size the model would draw the photo at.
    func sized(_ pair: Pair) throws -> (photo: Raster, sketch: Raster) {
        let photo = try sized(data.photo(pair))
        return (photo, try data.sketch(pair).resized(width: photo.width, height: photo.height))
    }

    /// How near the sketch is to its own photo and to those that follow it among the tests, in the sketch's size.
    func likeness(_ sketch: Raster, _ test: Pair, among tests: [Pair]) throws -> Likeness {
        let gray = GrayImage(sketch)
        let own = try similarity(gray, to: test)
        let place = tests.firstIndex(of: test) ?? 0
        let others = (tests[(place + 1)...] + tests[..<place]).prefix(Self.maximumOthers)
        // a photo that cannot be read is told of by its own unit
        return Likeness(own: own, others: others.compactMap { try? similarity(gray, to: $0) })
    }

    private func similarity(_ sketch: GrayImage, to test: Pair) throws -> Double {
        let photo = try grayPhoto(test)
        let picture = Raster(width: photo.width, height: photo.height, luminance: photo.luminance)
        let isSame = photo.width == sketch.width && photo.height == sketch.height
        let fitted =
            isSame ? picture : picture.resized(width: sketch.width, height: sketch.height, filter: .bicubic)
        return try gradientStructureSimilarity(sketch, GrayImage(fitted))
    }

    private func grayPhoto(_ test: Pair) throws -> GrayPhoto {
        if let photo = grayPhotos[test.photo] { return photo }
        let picture = try sized(data.photo(test))
        let photo = GrayPhoto(width: picture.width, height: picture.height, luminance: picture.luminance)
        grayPhotos[test.photo] = photo
        return photo
    }
}
