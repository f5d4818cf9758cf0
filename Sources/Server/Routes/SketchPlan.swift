internal import LimnerProtocol

/// The jobs a request for sketches amounts to: every photo in every style with every seed.
struct SketchPlan {
    let options: SketchOptions
    /// Paths in the upload.
    let photos: [String]
    let format: ResultFormat
    let context: ServiceContext

    /// A style or a mix, found in the registry.
    private struct Found {
        var text: String
        var shares: [StyleShare]
    }

    /// Judges photos and styles. The same seeds are used for every photo and style, so that sketches can be compared.
    func jobs() throws -> [PlannedJob] {
        let styles: [Found?] = options.styles.isEmpty ? [nil] : try options.styles.map { try find($0) }
        let seeds = options.seeds { .random(in: OptionLimits.seed) }
        for (place, photo) in photos.enumerated() { try examine(photo, place + 1) }
        return photos.enumerated().flatMap { place, photo in
            styles.flatMap { style in
                seeds.map { seed in
                    job(photo, photos.count > 1 ? place + 1 : nil, style, seed)
                }
            }
        }
    }

    private func job(_ photo: String, _ place: Int?, _ style: Found?, _ seed: UInt64) -> PlannedJob {
        var settings = JobSettings(
            style: style?.text, styleHash: style?.shares.map(\.hash).joined(separator: ","), text: options.text,
            steps: options.steps, textGuidance: options.textGuidance, imageGuidance: options.imageGuidance,
            seed: seed, sampler: options.sampler, size: options.size, format: format)
        settings.photo = place
        let shares = style?.shares ?? []
        if shares.count > 1 { settings.mix = shares }
        let files = JobFiles(photo: photo, styles: shares.map { context.registry.styleFile($0.name) })
        return PlannedJob(kind: .sketch, settings: settings, files: files)
    }

    /// Of several photos the answer says which was refused.
    private func examine(_ photo: String, _ place: Int) throws {
        do throws(PainterError) {
            _ = try context.painter.examine(photoAt: photo)
        } catch {
            guard photos.count > 1, !error.isWorthRetrying else { throw error }
            throw Refusal(field: "photo", "Photo \(place): \(error)")
        }
    }

    // MARK: Styles

    private func find(_ mix: StyleMix) throws -> Found {
        let records = try mix.shares.map { try find($0.name) }
        try Self.checkAgreement(records)
        let shares = zip(mix.shares, records).map { share, record in
            StyleShare(name: record.name, hash: record.hash, weight: share.weight)
        }
        return Found(text: mix.text, shares: shares)
    }

    /// Only instructions of one shape for one model can be mixed.
    private static func checkAgreement(_ records: [StyleRecord]) throws {
        let first = records[0]
        for other in records.dropFirst() {
            let (one, two) = (first.summary, other.summary)
            guard one.modelHash == two.modelHash else {
                throw Refusal(
                    field: "style",
                    "'\(first.name)' and '\(other.name)' were learned for different models and cannot be mixed.")
            }
            guard one.tokens == two.tokens, one.width == two.width else {
                throw Refusal(
                    field: "style",
                    "'\(first.name)' has \(one.tokens) rows of \(one.width) and '\(other.name)' \(two.tokens) of "
                        + "\(two.width): they cannot be mixed.")
            }
        }
    }

    private func find(_ name: String) throws -> StyleRecord {
        do throws(ServerError) {
            return try context.registry.get(name)
        } catch {
            guard error == .unknownStyle(name) else { throw error }
            let tuning = try context.store.jobs(JobFilter(style: name), before: nil, limit: ServerLimits.listedJobs)
            guard let job = tuning.first(where: { $0.kind == .tune && !$0.status.isFinal }) else {
                throw error
            }
            throw Refusal(404, "The style '\(name)' is still being learned.", instance: ResourcePath.job(job.id))
        }
    }
}
