// What the HEIC decoder says to the process that started it: one byte of kind, then a picture or a reason.

#if HEIC
    enum HEICAnswer: Equatable {
        case picture(Picture)
        case tooLarge(width: Int, height: Int)
        case damaged(String)

        private enum Kind: UInt8 { case picture = 1, tooLarge, damaged }

        var bytes: [UInt8] {
            switch self {
            case .picture(let picture):
                var remark: [UInt8] = []
                if case .profileIgnored(let detail)? = picture.warnings.first { remark = Array(detail.utf8) }
                var answer = [Kind.picture.rawValue]
                answer += number(picture.raster.width) + number(picture.raster.height) + number(remark.count)
                return answer + remark + picture.raster.pixels
            case .tooLarge(let width, let height): return [Kind.tooLarge.rawValue] + number(width) + number(height)
            case .damaged(let detail): return [Kind.damaged.rawValue] + Array(detail.utf8)
            }
        }

        /// Reads what a child wrote; nil when it is no answer, since the child may have been taken over by its input.
        init?(_ bytes: [UInt8]) {
            let rest = bytes.dropFirst()
            let view = ByteView(rest)
            switch bytes.first.flatMap(Kind.init(rawValue:)) {
            case .picture:
                guard let width = view.number(at: 0, width: 4), let height = view.number(at: 4, width: 4),
                    let length = view.number(at: 8, width: 4), width > 0, height > 0,
                    max(width, height) <= Limits.maximumSide, width * height <= Limits.maximumPixels,
                    rest.count == 12 + length + 3 * width * height
                else { return nil }
                let detail = String(decoding: rest.dropFirst(12).prefix(length), as: UTF8.self)
                let raster = Raster(width: width, height: height, pixels: Array(rest.dropFirst(12 + length)))
                self = .picture(
                    Picture(raster: raster, warnings: length > 0 ? [.profileIgnored(detail: detail)] : []))
            case .tooLarge:
                guard let width = view.number(at: 0, width: 4), let height = view.number(at: 4, width: 4) else {
                    return nil
                }
                self = .tooLarge(width: width, height: height)
            case .damaged: self = .damaged(String(decoding: rest.prefix(Limits.sniffedBytes), as: UTF8.self))
            case nil: return nil
            }
        }

        func picture() throws(ImagingError) -> Picture {
            switch self {
            case .picture(let picture): return picture
            case .tooLarge(let width, let height): throw .tooLarge(width: width, height: height)
            case .damaged(let detail): throw .damaged(.heic, detail: detail)
            }
        }

        private func number(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }
    }
#endif
