// SPDX-License-Identifier: MIT
// Own videos: the ffmpeg program's pixels, damaged frames in no clip, a cache that is left alone by
// changed files, and messages that name what is wrong.
#include "engine/data/own_clips.h"
#include "engine/data/own_split.h"
#include "engine/media/clip_stretch.h"
#include "engine/media/rgb_scale.h"
#include "tests/engine/folder_fixture.h"
#include "tests/engine/media/clips.h"

#include <QCryptographicHash>
#include <QDir>
#include <QtTest>
#include <algorithm>
#include <filesystem>

using namespace depthscope;
using namespace depthscope::data;
using namespace depthscope::test;
using depthscope::tests::errorOf;
using depthscope::tests::Folder;

namespace {

constexpr spec::ClipSize kSize{8, 16, 24};

std::string md5Of(const Clip& clip, std::size_t t) {
    const std::size_t frame = 3 * clip.framePixels();
    return QCryptographicHash::hash(
               QByteArray(reinterpret_cast<const char*>(clip.rgb.data() + t * frame),
                          qsizetype(frame)),
               QCryptographicHash::Md5)
        .toHex()
        .toStdString();
}

} // namespace

class TestOwnClips : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void pixelsOfTheProgram_data();
    void pixelsOfTheProgram();
    void everySecondFrame();
    void damagedFramesStandInNoClip();
    void folderWithOtherFiles();
    void cache();
    void boundedMemory();
    void progressAndStop();
    void refusals();
    void turnedPictures();
    void splitByTime();
    void splitByFile();
    void stretchOfAVideo();

private:
    Clips m_clips;
};

void TestOwnClips::initTestCase() {
    if (!m_clips.make("plain.mkv", "-frames:v 20 -c:v ffv1 -pix_fmt yuv420p")) {
        QSKIP("NOT TESTED: the ffmpeg program was not found; install ffmpeg");
    }
    QVERIFY(m_clips.make("wide.mkv",
                         "-vf scale=200:50,setsar=1 -frames:v 20 -c:v ffv1 -pix_fmt yuv444p"));
    // Pixels of 3:8 make of 200 x 50 what 96 x 64 is.
    QVERIFY(m_clips.make("flat.mkv",
                         "-vf scale=200:50,setsar=3/8 -frames:v 20 -c:v ffv1 -pix_fmt yuv444p"));
    QVERIFY(m_clips.make("mpeg.mkv", "-c:v mpeg4 -g 60 -q:v 3"));
}

void TestOwnClips::pixelsOfTheProgram_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("cut");
    QTest::newRow("as it is") << "plain.mkv"
                              << "crop=96:64:0:0";
    QTest::newRow("cut at the sides") << "wide.mkv"
                                      << "crop=75:50:62:0";
    QTest::newRow("pixels that are not square") << "flat.mkv"
                                                << "crop=200:50:0:0";
}

void TestOwnClips::pixelsOfTheProgram() {
    QFETCH(QString, name);
    QFETCH(QString, cut);
    const QString exact = "accurate_rnd+full_chroma_int+";
    const std::vector<std::string> theirs =
        m_clips.frameMd5(name, "scale=flags=bicubic+" + exact + "bitexact,format=rgb24," + cut +
                                   ":exact=1,scale=24:16:flags=area+" + exact +
                                   "full_chroma_inp+bitexact,format=rgb24");
    QCOMPARE(theirs.size(), std::size_t{20});
    const OwnClips clips(m_clips.file(name), {kSize});
    QCOMPARE(clips.count(), std::uint64_t{13});
    for (std::uint64_t index = 0; index < 13; ++index) {
        const Clip clip = clips.clip(index);
        QVERIFY(clip.cover.empty() && clip.objects.empty());
        for (std::size_t t = 0; t < 8; ++t) {
            QCOMPARE(md5Of(clip, t), theirs[index + t]);
        }
    }
    QCOMPARE(QString::fromStdString(clips.recipe().text()),
             QString("8 frames of 24 x 16, taking 1 of 1, cut about the middle, scaled by area"));
}

void TestOwnClips::everySecondFrame() {
    const OwnClips all(m_clips.file("plain.mkv"), {kSize});
    const OwnClips some(m_clips.file("plain.mkv"), {kSize, 2});
    QCOMPARE(some.count(), std::uint64_t{3}); // of 10 frames
    QCOMPARE(md5Of(some.clip(1), 2), md5Of(all.clip(6), 0));
}

void TestOwnClips::damagedFramesStandInNoClip() {
    QByteArray bytes = m_clips.bytes("mpeg.mkv");
    for (qsizetype at = bytes.size() / 2; at < bytes.size() / 2 + 40; ++at) {
        bytes[at] = char(bytes[at] ^ 0x5a);
    }
    m_clips.write("damaged.mkv", bytes);
    const OwnClips clips(m_clips.file("damaged.mkv"), {kSize});
    const OwnVideo& video = clips.videos().front();
    QVERIFY(video.damaged > 0 && video.damaged < video.frames);
    QCOMPARE(std::uint64_t(video.clips), clips.count());
    QVERIFY(video.clips > 0 && video.clips <= video.frames - 7 - video.damaged);
}

void TestOwnClips::folderWithOtherFiles() {
    const Folder folder;
    std::filesystem::create_directories(folder.path("inside"));
    std::filesystem::copy_file(m_clips.file("plain.mkv"), folder.path("inside/b.mkv"));
    std::filesystem::copy_file(m_clips.file("wide.mkv"), folder.path("c.mkv"));
    std::filesystem::copy_file(m_clips.file("wide.mkv"), folder.path(".hidden.mkv"));
    (void)folder.write("a.txt", "no video");
    const OwnClips clips(folder.path(), {kSize});
    QCOMPARE(clips.videos().size(), std::size_t{3});
    QCOMPARE(clips.count(), std::uint64_t{26});
    QVERIFY(clips.videos()[0].refused.find("a.txt") != std::string::npos);
    QCOMPARE(clips.videos()[1].file, folder.path("c.mkv"));
    QCOMPARE(clips.videos()[2].clips, std::int64_t{13});
}

void TestOwnClips::cache() {
    const Folder folder;
    const std::filesystem::path video = folder.path("video.mkv");
    std::filesystem::copy_file(m_clips.file("plain.mkv"), video);
    OwnClipsOptions options;
    options.cacheFolder = folder.path("cache");
    const auto kept = [&] {
        std::vector<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator(options.cacheFolder)) {
            files.push_back(entry.path());
        }
        return files;
    };
    const std::string first = md5Of(OwnClips(video, {kSize}, options).clip(3), 0);
    QCOMPARE(kept().size(), std::size_t{1});
    const std::string bytes = tests::readAll(kept().front());
    QCOMPARE(md5Of(OwnClips(video, {kSize}, options).clip(3), 0), first);
    // What is on disk is used: a changed pixel whose sum is right does not exist, a wrong one is
    // found.
    std::string changed = bytes;
    changed[changed.size() - 100] = char(changed[changed.size() - 100] ^ 1);
    (void)folder.write("cache/" + kept().front().filename().string(), changed);
    QCOMPARE(md5Of(OwnClips(video, {kSize}, options).clip(3), 0), first);
    QCOMPARE(tests::readAll(kept().front()), bytes); // made anew
    (void)folder.write("cache/" + kept().front().filename().string(), bytes.substr(0, 200));
    QCOMPARE(md5Of(OwnClips(video, {kSize}, options).clip(3), 0), first);
    // Another file of the same name is another video.
    std::filesystem::copy_file(m_clips.file("wide.mkv"), video,
                               std::filesystem::copy_options::overwrite_existing);
    QVERIFY(md5Of(OwnClips(video, {kSize}, options).clip(3), 0) != first);
    QCOMPARE(kept().size(), std::size_t{1});
    // Another size has its own file; beyond the bytes allowed the oldest goes.
    options.cacheBytes = bytes.size() + 100;
    (void)OwnClips(video, {{8, 16, 16}}, options);
    QCOMPARE(kept().size(), std::size_t{1});
}

void TestOwnClips::boundedMemory() {
    OwnClipsOptions options;
    options.memoryBytes = 12 * 3 * 16 * 24;
    const OwnClips clips(m_clips.file("plain.mkv"), {kSize}, options);
    QCOMPARE(clips.count(), std::uint64_t{5});
    QVERIFY(clips.videos().front().isCut);
}

void TestOwnClips::progressAndStop() {
    double before = 0;
    bool isGrowing = true;
    OwnClipsOptions options;
    options.progress = [&](double share, const std::string& file) {
        isGrowing = isGrowing && share >= before && file.ends_with("plain.mkv");
        before = share;
    };
    (void)OwnClips(m_clips.file("plain.mkv"), {kSize}, options);
    QVERIFY(isGrowing);
    QCOMPARE(before, 1.0);
    std::stop_source source;
    source.request_stop();
    QVERIFY(errorOf(ErrorCode::Interrupted, [&] {
                (void)OwnClips(m_clips.file("plain.mkv"), {kSize}, {}, source.get_token());
            }) != "no error");
}

void TestOwnClips::refusals() {
    const Folder folder;
    const std::string text = folder.write("notes.txt", "no video").string();
    QVERIFY(errorOf(ErrorCode::BadInput, [&] {
                (void)OwnClips(text, {kSize});
            }).find("notes.txt") != std::string::npos);
    QVERIFY(errorOf(ErrorCode::BadInput, [&] { (void)OwnClips(folder.path(), {kSize}); })
                .find("no clip of 8 undamaged frames in a row in 0 videos (1 other files)") !=
            std::string::npos);
    QVERIFY(errorOf(ErrorCode::BadInput, [&] {
                (void)OwnClips(m_clips.file("plain.mkv"), {{21, 16, 16}});
            }).find("no clip of 21 undamaged frames in a row in 1 videos") != std::string::npos);
    QVERIFY(errorOf(ErrorCode::BadInput, [&] {
                (void)OwnClips(folder.path("nowhere"), {kSize});
            }).find("nowhere") != std::string::npos);
    QVERIFY(errorOf(ErrorCode::Usage, [&] {
                (void)OwnClips(text, {kSize, 0});
            }).starts_with("own videos: every"));
    QVERIFY(errorOf(ErrorCode::Usage, [&] {
                (void)OwnClips(text, {{8, 16, 7}});
            }).starts_with("own videos: "));
}

void TestOwnClips::turnedPictures() {
    const media::RgbImage image{2, 1, {1, 2, 3, 4, 5, 6}};
    const media::RgbImage once = media::turned(image, 1);
    QCOMPARE(once.width, 1);
    QCOMPARE(once.bytes, (std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6}));
    QCOMPARE(media::turned(image, 2).bytes, (std::vector<std::uint8_t>{4, 5, 6, 1, 2, 3}));
    QCOMPARE(media::turned(image, 3).bytes, (std::vector<std::uint8_t>{4, 5, 6, 1, 2, 3}));
    QCOMPARE(media::turned(image, 3).height, 2);
    QCOMPARE(media::turned(image, 4).bytes, image.bytes);
}

/// No frame is learned and held out: of 60 frames the last 12.
void TestOwnClips::splitByTime() {
    const OwnClips clips(m_clips.file("mpeg.mkv"), {kSize});
    const OwnSplit split = splitOwnClips(clips, "mpeg.mkv");
    QCOMPARE(split.learned.size(), std::size_t{41}); // 48 - 8 + 1
    QCOMPARE(split.heldOut.size(), std::size_t{5});  // 12 - 8 + 1
    QVERIFY(split.rule.find("last fifth") != std::string::npos);
    for (const std::uint32_t index : split.learned) {
        QVERIFY(clips.start(index).frame + 8 <= 48);
    }
    for (const std::uint32_t index : split.heldOut) {
        QVERIFY(clips.start(index).frame >= 48);
    }
    std::vector<std::uint32_t> series;
    for (std::uint64_t index = 0; index < 5; ++index) {
        series.push_back(split.heldOutAt(index));
    }
    QCOMPARE(split.heldOutAt(5), series.front());
    std::ranges::sort(series);
    QVERIFY(series == split.heldOut);
    const OwnClips few(m_clips.file("plain.mkv"), {{16, 16, 16}}); // 20 frames: none can be spared
    const std::string error =
        errorOf(ErrorCode::BadInput, [&] { (void)splitOwnClips(few, "plain.mkv"); });
    QVERIFY(error.starts_with("plain.mkv: too few frames"));
    QVERIFY(error.find("32") != std::string::npos);
}

void TestOwnClips::splitByFile() {
    const Folder folder;
    for (const char* name : {"a.mkv", "b.mkv", "c.mkv", "d.mkv", "e.mkv", "f.mkv"}) {
        std::filesystem::copy_file(m_clips.file("plain.mkv"), folder.path(name));
    }
    (void)folder.write("0.txt", "no video");
    const OwnClips clips(folder.path(), {kSize});
    const OwnSplit split = splitOwnClips(clips, folder.path().string());
    QCOMPARE(split.heldOut.size(), std::size_t{13});
    QCOMPARE(split.learned.size(), std::size_t{65});
    for (const std::uint32_t index : split.heldOut) {
        QCOMPARE(clips.videos()[clips.start(index).video].file, folder.path("e.mkv"));
    }
    const OwnClips other(m_clips.file("plain.mkv"), {kSize});
    QVERIFY(clips.hash() != other.hash());
    QCOMPARE(clips.hash(), OwnClips(folder.path(), {kSize}).hash());
}

/// The same pixels as the clip that begins there.
void TestOwnClips::stretchOfAVideo() {
    const OwnClips clips(m_clips.file("flat.mkv"), {kSize, 2});
    media::ClipStretch stretch{.file = m_clips.file("flat.mkv"),
                               .size = {24, 16},
                               .first = 4,
                               .every = 2,
                               .least = 4,
                               .most = 8};
    media::SmallClip small = media::readClipStretch(stretch, {});
    QCOMPARE(small.frames, std::int64_t{8});
    QVERIFY(small.rgb == clips.clip(2).rgb);
    QCOMPARE(2 * small.rate.over, 25 * small.rate.under);
    stretch.first = 10; // 10, 12, .., 18: the video ends
    small = media::readClipStretch(stretch, {});
    QCOMPARE(small.frames, std::int64_t{5});
    QCOMPARE(small.rgb.size(), std::size_t{5 * 3 * 24 * 16});
    stretch.first = 14;
    const auto read = [&] { (void)media::readClipStretch(stretch, {}); };
    QVERIFY(errorOf(ErrorCode::BadInput, read).find("flat.mkv: has 20 frames") !=
            std::string::npos);
    stretch.every = 0;
    QVERIFY(errorOf(ErrorCode::Usage, read).ends_with("every is 0"));
}

QTEST_GUILESS_MAIN(TestOwnClips)
#include "tst_own_clips.moc"
