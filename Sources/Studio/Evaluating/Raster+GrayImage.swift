// Between pictures as they are stored and pictures as they are measured.
import LimnerEvaluation
import LimnerImaging

extension GrayImage {
    init(_ picture: Raster) {
        self.init(width: picture.width, height: picture.height, values: picture.luminance.map(Float.init))
    }
}

extension Raster {
    /// Gray values rounded to whole ones.
    init(_ image: GrayImage) {
        self.init(
            width: image.width, height: image.height,
            luminance: image.values.map { UInt8(min(max($0.rounded(), 0), 255)) })
    }

    /// In gray, and bicubically in another picture's size where that is another.
    func gray(inSizeOf other: Raster) -> Raster {
        let gray = gray
        guard width != other.width || height != other.height else { return gray }
        return gray.resized(width: other.width, height: other.height, filter: .bicubic)
    }

    var extent: Extent { Extent(width: width, height: height) }
}

extension Score {
    /// A picture of any size against its truth, both in gray, the picture brought to the truth's size.
    init(_ picture: Raster, truth: Raster) throws(EvaluationError) {
        try self.init(GrayImage(picture.gray(inSizeOf: truth)), truth: GrayImage(truth))
    }
}
