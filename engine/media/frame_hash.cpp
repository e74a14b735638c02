// SPDX-License-Identifier: MIT
#include "engine/media/frame_hash.h"

#include "engine/base/error.h"

extern "C" {
#include <libavutil/md5.h>
#include <libavutil/mem.h>
}

#include <array>
#include <memory>

namespace depthscope::media {

std::string md5Of(const trace::Frame& frame) {
    struct Free {
        void operator()(AVMD5* sum) const { av_free(sum); }
    };

    const std::unique_ptr<AVMD5, Free> sum(av_md5_alloc());
    if (sum == nullptr) {
        throw Error(ErrorCode::OutOfMemory, "no memory for a checksum", "Close other programs.");
    }
    av_md5_init(sum.get());
    for (const trace::FramePlane& plane : frame.planes) {
        for (std::size_t row = 0; row < plane.rows; ++row) {
            av_md5_update(sum.get(), plane.data + static_cast<std::ptrdiff_t>(row) * plane.stride,
                          plane.rowBytes);
        }
    }
    std::array<std::uint8_t, 16> digest{};
    av_md5_final(sum.get(), digest.data());
    std::string text;
    for (const std::uint8_t byte : digest) {
        constexpr const char* kDigits = "0123456789abcdef";
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 0xfU];
    }
    return text;
}

} // namespace depthscope::media
