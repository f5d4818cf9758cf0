/// The page at `/`, for people who would rather look than type: one document, made of the files beside this one, which
/// are compiled in.
///
/// It loads nothing from anywhere. Its policy (CSP Level 3) lets run what the digests of its own script and style name
/// and nothing else, lets it talk to this service alone, and lets no other page frame it.
enum Page {
    static let html: [UInt8] = Array(document.utf8)

    static let policy = [
        "default-src 'none'", "script-src 'sha256-\(Digest.base64(of: script))'",
        "style-src 'sha256-\(Digest.base64(of: style))'", "img-src blob: data:", "connect-src 'self'",
        "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
    ].joined(separator: "; ")

    private static let script = String(decoding: PackageResources.page_js, as: UTF8.self)
    private static let style = String(decoding: PackageResources.page_css, as: UTF8.self)

    private static var document: String {
        String(decoding: PackageResources.page_html, as: UTF8.self)
            .replacing("<style></style>", with: "<style>\(style)</style>")
            .replacing("<script></script>", with: "<script>\(script)</script>")
    }
}
