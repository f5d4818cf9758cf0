// The child's side of HEIC: a file on standard input, limits on itself, libheif, and an answer on standard output.

#if HEIC
    internal import CCodecs
    internal import CHeif
    import Glibc

    package enum HEICDecoder {
        /// Decodes standard input to standard output; returns the exit status. The process is of no other use after.
        package static func run() -> Int32 {
            guard limit() else { return EXIT_FAILURE }
            var answer = decode(standardInput()).bytes[...]
            while !answer.isEmpty {
                let count = answer.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return EXIT_FAILURE }
                answer = answer.dropFirst(count)
            }
            return EXIT_SUCCESS
        }

        /// What the process may still use, beyond the address space that its libraries have already.
        private static func limit() -> Bool {
            guard let file = fopen("/proc/self/statm", "r") else { return false }
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 256)
            guard fgets(&line, Int32(line.count), file) != nil else { return false }
            let mapped = strtol(line, nil, 10) * sysconf(Int32(_SC_PAGESIZE))
            return [
                (RLIMIT_AS, mapped + Limits.heicBytes), (RLIMIT_CPU, Limits.heicSeconds), (RLIMIT_FSIZE, 0),
                (RLIMIT_CORE, 0),
            ].allSatisfy { resource, most in
                var bounds = rlimit(rlim_cur: rlim_t(most), rlim_max: rlim_t(most))
                return setrlimit(__rlimit_resource_t(resource.rawValue), &bounds) == 0
            }
        }

        private static func standardInput() -> [UInt8] {
            var bytes: [UInt8] = []
            var block = [UInt8](repeating: 0, count: 1 << 16)
            while bytes.count <= Limits.maximumFileBytes {
                let count = read(STDIN_FILENO, &block, block.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                bytes += block[..<count]
            }
            return bytes
        }

        private static func decode(_ bytes: [UInt8]) -> HEICAnswer {
            let context = heif_context_alloc()
            defer { heif_context_free(context) }
            heif_context_set_max_decoding_threads(context, 0)
            heif_context_set_maximum_image_size_limit(context, Int32(Limits.maximumSide))
            var handle: OpaquePointer?
            defer { heif_image_handle_release(handle) }
            // libheif may look at the bytes again while it decodes, so they stay where they are until the end
            return bytes.withUnsafeBytes { file -> HEICAnswer in
                if let reason = reason(
                    heif_context_read_from_memory_without_copy(context, file.baseAddress, file.count, nil))
                    ?? reason(heif_context_get_primary_image_handle(context, &handle))
                {
                    return .damaged(reason)
                }
                return decode(handle)
            }
        }

        /// Size and limits first, then the pixels.
        private static func decode(_ handle: OpaquePointer?) -> HEICAnswer {
            let (width, height) = (Int(heif_image_handle_get_width(handle)), Int(heif_image_handle_get_height(handle)))
            guard width > 0, height > 0 else { return .damaged("its size is \(width) × \(height)") }
            guard max(width, height) <= Limits.maximumSide, width * height <= Limits.maximumPixels else {
                return .tooLarge(width: width, height: height)
            }
            return pixels(handle)
        }

        /// The picture as libheif turns and mirrors it, brought to sRGB through its profile.
        private static func pixels(_ handle: OpaquePointer?) -> HEICAnswer {
            let hasAlpha = heif_image_handle_has_alpha_channel(handle) != 0
            let options = heif_decoding_options_alloc()
            defer { heif_decoding_options_free(options) }
            options?.pointee.convert_hdr_to_8bit = 1
            var image: OpaquePointer?
            defer { heif_image_release(image) }
            let chroma = hasAlpha ? heif_chroma_interleaved_RGBA : heif_chroma_interleaved_RGB
            if let reason = reason(heif_decode_image(handle, &image, heif_colorspace_RGB, chroma, options)) {
                return .damaged(reason)
            }
            var stride: Int32 = 0
            let width = Int(heif_image_get_width(image, heif_channel_interleaved))
            let height = Int(heif_image_get_height(image, heif_channel_interleaved))
            guard let rows = heif_image_get_plane_readonly(image, heif_channel_interleaved, &stride), width > 0,
                height > 0, width * height <= Limits.maximumPixels
            else { return .damaged("it has no pixels") }
            let profile = profile(handle)
            var message = CodecMessage()
            let pixels = [UInt8](unsafeUninitializedCapacity: 3 * width * height) { rgb, filled in
                profile.withUnsafeBufferPointer { profile in
                    var order = CodecOrder()
                    (order.width, order.height) = (UInt32(width), UInt32(height))
                    (order.profile, order.profile_count) = (profile.baseAddress, profile.count)
                    codec_rows_convert(rows, Int(stride), hasAlpha, &order, rgb.baseAddress, &message.characters)
                }
                filled = 3 * width * height
            }
            let warnings: [PictureWarning] = message.text.isEmpty ? [] : [.profileIgnored(detail: message.text)]
            return .picture(Picture(raster: Raster(width: width, height: height, pixels: pixels), warnings: warnings))
        }

        private static func profile(_ handle: OpaquePointer?) -> [UInt8] {
            let count = heif_image_handle_get_raw_color_profile_size(handle)
            guard (1...Limits.profileBytes).contains(count) else { return [] }
            var profile = [UInt8](repeating: 0, count: count)
            return reason(heif_image_handle_get_raw_color_profile(handle, &profile)) == nil ? profile : []
        }

        /// libheif's words for what went wrong; nil when nothing did.
        private static func reason(_ error: heif_error) -> String? {
            error.code == heif_error_Ok ? nil : error.message.map { String(cString: $0) } ?? "its decoder gave up"
        }
    }
#endif
