// SPDX-License-Identifier: MIT
// A workspace with a small video model of random weights, 6 frames of 8 x 8 pixels, the first two
// given; and the bytes of the pictures that it makes. One thread.
#pragma once

#include "engine/io/video_folder.h"
#include "engine/session/jobs.h"
#include "engine/session/video_family.h"
#include "tests/engine/models/video_fixture.h"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace depthscope::tests {

struct SmallVideoSession {
    explicit SmallVideoSession(spec::VideoSpec spec = smallMore()) {
        auto slot = std::make_shared<session::VideoSlot>();
        models::VideoWeights weights = busyWeights(spec, at::kFloat);
        slot->model = std::make_unique<models::VideoModel>(std::move(spec), std::move(weights));
        auto info = io::describe(*slot->model, "small", {});
        info->clip->clips = "moving-shapes";
        slot->info = info;
        workspace.slots[0] = slot;
    }

    /// Runs a request to its end.
    void sample(const runtime::VideoSampleRequest& request, const runtime::Publish& publish) {
        const auto job = session::makeVideoSampleJob(workspace, 3, request, publish);
        while (job->step()) {
        }
    }

    session::Workspace workspace;
};

inline std::vector<std::uint8_t> bytesOf(const trace::ClipContent& clip) {
    std::vector<std::uint8_t> bytes;
    for (const RgbPicturePtr& picture : clip.pictures) {
        bytes.insert(bytes.end(), picture->bytes.begin(), picture->bytes.end());
    }
    return bytes;
}

} // namespace depthscope::tests
