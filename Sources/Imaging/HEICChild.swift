// The process that decodes one HEIC: started, listened to until its time is up, and always buried.

#if HEIC
    import Glibc

    struct HEICChild: ~Copyable {
        private let process: pid_t
        private let output: Int32

        /// - Parameter input: what the child reads as its standard input.
        init(program: String, input: Int32) throws(ImagingError) {
            var ends: [Int32] = [-1, -1]
            guard pipe2(&ends, O_CLOEXEC) == 0 else { throw .outOfMemory(.heic) }
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
            posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
            var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup(HEICPicture.command), nil]
            // nothing of this process's surroundings, its keys among them, is for the child
            var surroundings: [UnsafeMutablePointer<CChar>?] = [nil]
            var process = pid_t()
            let failure = posix_spawn(&process, program, &actions, nil, &arguments, &surroundings)
            arguments.forEach { free($0) }
            posix_spawn_file_actions_destroy(&actions)
            close(ends[1])
            guard failure == 0 else {
                close(ends[0])
                throw .unreadable(path: program, detail: String(cString: strerror(failure)))
            }
            (self.process, output) = (process, ends[0])
        }

        deinit {
            close(output)
            kill(process, SIGKILL)
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        }

        /// Everything the child says, within ``Limits/heicMilliseconds`` and no longer than a picture can be.
        mutating func answer() throws(ImagingError) -> HEICAnswer {
            let deadline = now() + Limits.heicMilliseconds
            var bytes: [UInt8] = []
            var block = [UInt8](repeating: 0, count: 1 << 20)
            while bytes.count <= 3 * Limits.maximumPixels + (1 << 20) {
                var ready = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
                let left = deadline - now()
                guard left > 0, poll(&ready, 1, Int32(left)) != 0 else {
                    throw .damaged(.heic, detail: "decoding it takes too long")
                }
                let count = read(output, &block, block.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                bytes += block[..<count]
            }
            guard let answer = HEICAnswer(bytes) else { throw .damaged(.heic, detail: "its decoder gave up") }
            return answer
        }

        private func now() -> Int {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
        }
    }
#endif
