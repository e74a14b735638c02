// SPDX-License-Identifier: MIT
#include "widgets/lab/run_clips.h"

#include "engine/media/made_clip.h"
#include "widgets/instruments/video_facts.h"
#include "widgets/lab/clip_player.h"
#include "widgets/lab/lab_controller.h"

#include <algorithm>
#include <utility>

namespace depthscope::lab {

namespace {

constexpr const char* kBeside[] = {trace::kTruthRun, trace::kFullDepthRun, trace::kVanillaRun};

/// The pictures of a run's newest step; null: it has none.
const trace::ClipContent* contentOf(const trace::RunView* run) {
    const trace::ClipContent* content = run != nullptr ? run->latest->clip() : nullptr;
    return content != nullptr && !content->pictures.empty() ? content : nullptr;
}

/// Both show clips of the same length and size.
bool areAlike(const trace::ClipContent& a, const trace::ClipContent& b) {
    const RgbPicture& left = *a.pictures.front();
    const RgbPicture& right = *b.pictures.front();
    return a.pictures.size() == b.pictures.size() && left.width == right.width &&
           left.height == right.height;
}

} // namespace

RunClips::RunClips(LabController& lab, ClipPlayer& player, QObject* parent)
    : QObject(parent)
    , m_lab(lab)
    , m_player(player) {
    connect(&lab, &LabController::traceChanged, this, &RunClips::follow);
    // Another recording counts its runs anew.
    connect(&lab, &LabController::sourceChanged, this, [this] { m_run.reset(); });
    connect(&lab, &LabController::cursorChanged, this, &RunClips::followCursor);
}

bool RunClips::isShown() const {
    return m_player.showsMade();
}

trace::RunKey RunClips::beside() const {
    const trace::RunKey wanted = m_wanted.value_or(trace::kTruthRun);
    const auto has = [this](const trace::RunKey& key) {
        return std::ranges::find(m_offered, key) != m_offered.end();
    };
    if (wanted.empty() || has(wanted)) {
        return wanted;
    }
    return has(trace::kTruthRun) ? trace::kTruthRun : trace::RunKey();
}

void RunClips::setBeside(const trace::RunKey& run) {
    m_wanted = run;
    const trace::ClipContent* content = contentOf(m_lab.store().view().main);
    if (content != nullptr && isShown()) {
        m_shown.clear(); // shown again, in the place of a file too
        show(*content);
    }
    Q_EMIT changed();
}

/// Of a run that has other pictures than the main one's clip could have: null.
RunClips::Clip RunClips::clipOf(const trace::RunKey& key) const {
    const trace::TraceView view = m_lab.store().view();
    const trace::ClipContent* main = contentOf(view.main);
    const trace::RunView* run = view.run(key);
    // What is known in advance has no routing that could be compared.
    const trace::ClipContent* content =
        contentOf(run == nullptr && key == trace::kTruthRun ? m_lab.store().newest(key) : run);
    if (main == nullptr || content == nullptr || !areAlike(*main, *content)) {
        return nullptr;
    }
    auto clip = std::make_shared<media::MadeClip>();
    clip->name = instruments::runName(key);
    clip->run = key;
    clip->rate = main->rate;
    clip->pictures = content->pictures;
    clip->contextFrames = main->contextFrames;
    return clip;
}

void RunClips::follow() {
    const trace::TraceView view = m_lab.store().view();
    const trace::ClipContent* content = contentOf(view.main);
    if (content == nullptr) {
        leave();
        return;
    }
    std::vector<trace::RunKey> offered;
    for (const char* key : kBeside) {
        if (clipOf(key)) {
            offered.emplace_back(key);
        }
    }
    for (const auto& [key, run] : view.others) {
        if (std::ranges::find(kBeside, key) == std::end(kBeside) && clipOf(key)) {
            offered.push_back(key);
        }
    }
    const bool isOther = offered != m_offered;
    m_offered = std::move(offered);
    const std::uint64_t run = view.main->latest->run;
    // A file that the user has opened stays until the next run.
    if (m_run != run || isShown() || m_player.clip() == nullptr) {
        m_run = run;
        show(*content);
    }
    if (isOther) {
        Q_EMIT changed();
    }
}

void RunClips::show(const trace::ClipContent& content) {
    const trace::RunKey key = beside();
    const Clip other = key.empty() ? nullptr : clipOf(key);
    const Pictures besides = other ? other->pictures : Pictures();
    const bool goesOn = isShown() && m_shown.size() == content.pictures.size();
    if (goesOn && m_shown == content.pictures && m_shownBeside == besides && m_beside == key) {
        return;
    }
    // A file that the user has put beside stays there, until another is chosen.
    const bool keepsFile = goesOn && m_player.comparesFile() && m_beside == key;
    m_shown = content.pictures;
    m_shownBeside = besides;
    m_beside = key;
    m_player.show(clipOf(trace::kMainRun), keepsFile ? std::optional<Clip>() : other);
}

/// No run with pictures any more.
void RunClips::leave() {
    m_run.reset();
    m_shown.clear();
    m_shownBeside.clear();
    if (isShown()) {
        m_player.close();
    }
    if (!std::exchange(m_offered, {}).empty()) {
        Q_EMIT changed();
    }
}

/// A place of another frame: the player goes there. While it plays only a click takes it along.
void RunClips::followCursor() {
    const std::optional<int> place = m_lab.cursor().place();
    if (place == m_place) {
        return;
    }
    m_place = place;
    const trace::RunView* main = m_lab.store().view().main;
    const trace::ClipView* clip = m_player.clip();
    const bool isHeld = clip != nullptr && (!clip->playing || m_lab.cursor().pinnedPlace);
    if (!place || main == nullptr || !isShown() || !isHeld || clip->frameCount == 0 ||
        main->layout.frames < 1 || clip->frameCount % main->layout.frames != 0) {
        return;
    }
    const std::int64_t perPatch = clip->frameCount / main->layout.frames;
    const std::int64_t frame =
        trace::positionOf(main->layout, std::int64_t{*place} + main->firstPlace).frame;
    if (clip->target / perPatch != frame) {
        m_player.seek(frame * perPatch);
    }
}

} // namespace depthscope::lab
