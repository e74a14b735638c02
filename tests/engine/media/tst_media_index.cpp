// SPDX-License-Identifier: MIT
// From where decoding must begin, and indexes kept on disk.
#include "engine/media/index_builder.h"
#include "engine/media/index_bytes.h"
#include "engine/media/index_cache.h"
#include "tests/engine/media/clips.h"

#include <QtTest>

using namespace depthscope;
using namespace depthscope::test;

namespace {

/// Packets in decoding order by their presentation time; letters as I (key), P, B.
media::MediaIndex indexOf(const std::vector<std::pair<char, std::int64_t>>& pictures) {
    media::IndexParts parts;
    parts.certainty = media::Certainty::Decoded;
    for (const auto& [kind, time] : pictures) {
        media::PacketEntry packet;
        packet.pts = time;
        packet.key = kind == 'I';
        parts.frames.push_back(
            {static_cast<std::int32_t>(parts.packets.size()), time, packet.key, false});
        parts.packets.push_back(packet);
    }
    std::sort(parts.frames.begin(), parts.frames.end(),
              [](const auto& a, const auto& b) { return a.pts < b.pts; });
    return media::MediaIndex(std::move(parts));
}

} // namespace

class TestMediaIndex : public QObject {
    Q_OBJECT

private Q_SLOTS:

    void framesBeforeTheirKeyPictureBeginAtTheOneBefore() {
        // Two groups; the second is open: its first two pictures are shown before its key picture.
        const media::MediaIndex index = indexOf(
            {{'I', 0}, {'P', 3}, {'B', 1}, {'B', 2}, {'I', 6}, {'B', 4}, {'B', 5}, {'P', 7}});
        const std::vector<std::int32_t> starts{0, 0, 0, 0, 0, 0, 4, 4};
        for (std::int64_t n = 0; n < index.frameCount(); ++n) {
            QCOMPARE(index.startOf(n), starts[static_cast<std::size_t>(n)]);
        }
        QCOMPARE(index.keyBefore(4), 0);
        QCOMPARE(index.keyBefore(5), 4);
        QCOMPARE(*index.numberOf(4), 6);
    }

    void damageNeedsAWholeGroupBefore() {
        media::IndexParts parts =
            indexOf({{'I', 0}, {'P', 1}, {'I', 2}, {'P', 3}, {'I', 4}, {'P', 5}, {'P', 6}}).parts();
        parts.frames[5].damaged = true;
        for (const bool isLong : {false, true}) {
            parts.facts.width = parts.facts.height = isLong ? 32'000 : 32;
            const media::MediaIndex index(parts);
            QCOMPARE(index.startOf(4), 4); // decoded before the damage
            QCOMPARE(index.startOf(5), isLong ? 2 : 0);
            QCOMPARE(index.startOf(6), isLong ? 2 : 0);
            QVERIFY(index.isDamaged());
        }
    }

    void twoFramesOfOnePacketAreCounted() {
        media::IndexParts parts = indexOf({{'I', 0}, {'I', 1}, {'I', 2}}).parts();
        parts.frames[2].packet = 1;
        const media::MediaIndex index(std::move(parts));
        QVERIFY(index.isCounted());
        QCOMPARE(index.startOf(2), 0);
    }

    void keptOnDisk() {
        QVERIFY(m_clips.make("clip.mkv", "-c:v mpeg4 -bf 2"));
        const std::string file = m_clips.file("clip.mkv"), folder = m_clips.file("cache");
        media::IndexOptions options;
        options.cacheFolder = folder;
        QVERIFY(media::keptIndex(folder, file) == nullptr);
        const auto made = media::buildIndex(file, options);
        const auto kept = media::keptIndex(folder, file);
        QVERIFY(kept != nullptr);
        QVERIFY(kept->parts().packets == made->parts().packets);
        QVERIFY(kept->parts().frames == made->parts().frames);
        QVERIFY(kept->facts() == made->facts());
        QCOMPARE(kept->parts().certainty, made->parts().certainty);

        QVERIFY(m_clips.make("clip.mkv", "-c:v mpeg4 -bf 2 -frames:v 20"));
        QVERIFY(media::keptIndex(folder, file) == nullptr);
        QCOMPARE(media::buildIndex(file, options)->frameCount(), 20);
        QCOMPARE(QDir(m_clips.path("cache")).entryList(QDir::Files).size(), 1);
    }

    void damagedIndexIsIgnored() {
        QVERIFY(m_clips.make("clip.mkv", "-c:v mpeg4 -bf 2"));
        const auto index = media::buildIndex(m_clips.file("clip.mkv"), {});
        const std::string bytes = media::bytesOf(index->parts(), "state");
        QVERIFY(media::partsFrom(bytes, "state"));
        QVERIFY(!media::partsFrom(bytes, "another state"));
        for (std::size_t at = 0; at < bytes.size(); at += 7) {
            std::string bad = bytes;
            bad[at] = static_cast<char>(bad[at] ^ 0x10);
            QVERIFY(!media::partsFrom(bad, "state"));
            QVERIFY(!media::partsFrom(std::string_view(bytes).substr(0, at), "state"));
        }
    }

private:
    Clips m_clips;
};

QTEST_APPLESS_MAIN(TestMediaIndex)
#include "tst_media_index.moc"
