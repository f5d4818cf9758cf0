// From a photo of any size to what the model can draw, and back. The photo is brought to its drawing size with its
// aspect kept, and its right and lower edges are repeated up to the model's stride; what comes back is cropped again, so
// that nothing is distorted and no pixel moves.
package import LimnerEngine
package import LimnerImaging
package import LimnerProtocol

/// The size one photo is drawn at.
package struct Canvas: Equatable {
    /// The picture's size.
    package let width: Int
    package let height: Int
    /// The size the model sees, multiples of its stride.
    package let paddedWidth: Int
    package let paddedHeight: Int

    /// - Parameters:
    ///   - width, height: the photo's, upright.
    ///   - stride: pixels per latent.
    package init(width: Int, height: Int, size: SketchSize, stride: Int) throws(StudioError) {
        switch size {
        case .original: (self.width, self.height) = (width, height)
        case .longSide(let side):
            let scale = Double(side) / Double(max(width, height))
            self.width = max(1, Int((Double(width) * scale).rounded()))
            self.height = max(1, Int((Double(height) * scale).rounded()))
        }
        let longest = OptionLimits.size.upperBound
        guard max(self.width, self.height) <= longest else {
            throw .option(
                name: "size", detail: "a photo of \(width)×\(height) is drawn at \(longest) pixels at most; give a size"
            )
        }
        paddedWidth = (self.width + stride - 1) / stride * stride
        paddedHeight = (self.height + stride - 1) / stride * stride
    }

    /// The photo as the model sees it, [1, paddedHeight, paddedWidth, 3] in −1...1.
    package func tensor(_ photo: Raster) -> Tensor {
        let sized = photo.width == width && photo.height == height ? photo : photo.resized(width: width, height: height)
        let padded = sized.padded(right: paddedWidth - width, bottom: paddedHeight - height)
        return Tensor(padded.pixels.map { Float($0) / 127.5 - 1 }, shape: [1, paddedHeight, paddedWidth, 3])
    }

    /// A drawn picture of `tensor`'s layout, cropped to the photo's own field.
    package func raster(_ picture: Tensor) -> Raster {
        let pixels = picture.values.map { UInt8(((min(max($0, -1), 1) / 2 + 0.5) * 255).rounded()) }
        return Raster(width: paddedWidth, height: paddedHeight, pixels: pixels)
            .cropped(x: 0, y: 0, width: width, height: height)
    }
}
