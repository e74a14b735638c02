// SPDX-License-Identifier: MIT
// A video or image through our reader: its frames, seeks, steps back, RGB.
#include "engine/media/frame_hash.h"
#include "engine/media/reader.h"
#include "engine/media/rgb.h"
#include "tests/fuzz/fuzz_files.h"

using namespace depthscope;

namespace {

/// Small enough for thousands of files a minute; what is larger is refused as it would be with the
/// real limits.
media::ReaderOptions smallOptions() {
    media::ReaderOptions options;
    options.index.limits.framePixels = 1 << 18;
    options.index.limits.packets = 400;
    options.index.limits.packetBytes = 1 << 20;
    options.index.limits.probeBytes = 1 << 20;
    options.index.threads = 1;
    options.cacheBytes = 1 << 20;
    return options;
}

void readAll(const std::filesystem::path& file) {
    media::Reader reader(file, smallOptions());
    media::RgbConverter converter;
    const std::int64_t count = reader.index()->frameCount();
    for (const std::int64_t number : {count - 1, std::int64_t{0}, count / 2, count / 3}) {
        if (number < reader.index()->frameCount()) {
            const trace::Frame frame = reader.frame(number);
            static_cast<void>(media::md5Of(frame));
            static_cast<void>(converter.convert(frame));
        }
    }
    for (int step = 0; step < 3; ++step) {
        static_cast<void>(reader.previous());
    }
    static_cast<void>(reader.next());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fuzz::FuzzFolder folder; // one for all runs
    const auto file = folder.write("a.bin", fuzz::viewOf(data, size));
    fuzz::readHostile([&] { readAll(file); });
    return 0;
}
