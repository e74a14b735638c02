// SPDX-License-Identifier: MIT
// The clip of the window: what the user does with it as wishes of a media::Player, and what came of
// them as the laboratory's clip. GUI thread; its owner keeps the laboratory longer. Throws nothing:
// errors are part of the clip.
#pragma once

#include "engine/base/rgb_picture.h"
#include "engine/trace/clip_view.h"

#include <QObject>
#include <QString>
#include <memory>
#include <optional>

namespace depthscope::media {
struct MadeClip;
struct PlayWishes;
} // namespace depthscope::media

namespace depthscope::lab {

class LabController;

class ClipPlayer : public QObject {
    Q_OBJECT

public:
    explicit ClipPlayer(LabController& lab, QObject* parent = nullptr);
    ~ClipPlayer() override;

    /// False in a program that was built without video.
    [[nodiscard]] static bool isAvailable();

    /// Where the indexes of clips are kept between two starts of the program; empty: nowhere.
    void keepIndexesIn(const QString& folder) { m_indexes = folder; }

    /// At a frame, where one is given.
    void open(const QString& file, std::optional<qint64> frame = std::nullopt);

    /// A clip that a model made, in one go with what it is compared with: nothing leaves that as it
    /// is, null ends it. Newer pictures of as many frames are shown where the older ones stood,
    /// playing or not.
    void show(std::shared_ptr<const media::MadeClip> clip,
              std::optional<std::shared_ptr<const media::MadeClip>> beside);

    /// Ends what is shown.
    void close();

    /// What was asked for last is a clip that a model made. As soon as it was asked for.
    [[nodiscard]] bool showsMade() const { return m_showsMade; }

    /// What was last asked for beside it is a file.
    [[nodiscard]] bool comparesFile() const { return m_comparesFile; }

    /// Null: none was opened.
    [[nodiscard]] const trace::ClipView* clip() const { return m_clip.get(); }

    [[nodiscard]] const trace::ClipPtr& state() const { return m_clip; }

    /// There are frames to show.
    [[nodiscard]] bool hasFrames() const { return m_clip && m_clip->frameCount > 0; }

    void seek(qint64 frame);
    /// Pauses, and goes to a frame so far from the last one that was asked for.
    void step(int frames);
    void setPlaying(bool playing);
    void togglePlaying();
    /// J and L: plays in this direction, twice as fast each further time.
    void shuttle(int direction);
    void setSpeed(double speed);
    void setLooping(bool looping);
    /// The frame on screen becomes the first or last one that plays.
    void markIn();
    void markOut();
    void clearMarks();

    /// Shows the same frames of a second clip, B, against those of the first.
    void compareWith(const QString& file);
    void stopComparing();
    /// 0: no difference is wanted; else up to 16.
    void setDifferenceGain(int gain);
    /// How large the whole frame is on screen, in device pixels: playing makes no larger pictures.
    void setRoom(PictureSize room);
    /// Whether the clip is on screen: then the laboratory's cursor is at its frame, and moves it.
    void setOnScreen(bool onScreen);

Q_SIGNALS:
    void changed();

private:
    struct Engine;

    void start();
    void refresh();
    void wish(const media::PlayWishes& wishes);
    void tellCursor();
    void followCursor();

    LabController& m_lab;
    trace::ClipPtr m_clip;
    QString m_indexes;
    PictureSize m_room;
    bool m_isOnScreen = false;
    bool m_showsMade = false;
    bool m_comparesFile = false;
    std::unique_ptr<Engine> m_engine; ///< last: its thread wakes what stands above
};

} // namespace depthscope::lab
