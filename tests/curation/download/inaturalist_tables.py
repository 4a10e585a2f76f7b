"""iNaturalist's four tables in small, as they are published."""

import gzip
from pathlib import Path

TAXA = """taxon_id	ancestry	rank_level	rank	name	active
1		70	kingdom	Animalia	true
3	1	50	class	Aves	true
20	1/3	30	family	Struthionidae	true
21	1/3/20	10	species	Struthio camelus	true
22	1/3/20/21	5	subspecies	Struthio camelus australis	true
30	1/3	20	genus	Pyrrhula	true
31	1/3/30	10	species	Pyrrhula pyrrhula	true
90		20	genus	Oenanthe	true
91	1/3	20	genus	Oenanthe	true
92	1/3	10	species	Struthio old	false
"""
OBSERVERS = """observer_id	login	name
1	ann	Ann "A." O'Hara
2	ben	
"""
LICENCES = ["CC-BY", "CC0", "CC-BY-NC", "CC-BY-ND", ""]


def write(folder: Path) -> None:
    """Twelve observations each of three taxa and of one not wanted, two photos each."""
    folder.mkdir()
    head = "observation_uuid\tobserver_id\tlatitude\tlongitude\tpositional_accuracy\ttaxon_id"
    observations = [f"{head}\tquality_grade\tobserved_on\tanomaly_score"]
    photos = ["photo_uuid\tphoto_id\tobservation_uuid\tobserver_id\textension\tlicense\twidth"
              "\theight\tposition"]  # fmt: skip
    for index in range(48):
        taxon = (21, 22, 31, 3)[index % 4]
        grade = "casual" if index % 12 == 0 else "research"
        seen, who = f"observation-{index:02d}", 1 + index % 2
        day = f"2024-01-{1 + index // 2:02d}"
        observations.append(f"{seen}\t{who}\t1.5\t2.5\t\t{taxon}\t{grade}\t{day}\t")
        for position in (1, 0):
            number = 2 * index + position
            licence = LICENCES[index % 5]
            photos.append(f"photo-{number:03d}\t{1000 + number}\t{seen}\t{who}\tjpg\t{licence}"
                          f"\t2048\t1536\t{position}")  # fmt: skip
    for name, text in (("taxa", TAXA), ("observers", OBSERVERS),
                       ("observations", "\n".join(observations) + "\n"),
                       ("photos", "\n".join(photos) + "\n")):  # fmt: skip
        with gzip.open(folder / f"{name}.csv.gz", "wt") as file:
            file.write(text)
