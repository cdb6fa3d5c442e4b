"""The report of an exported data set, made from its files alone.

What every data set of drivegen has (manifest, scenes) is told of all formats. Labels are read of nuScenes'
tables, COCO, KITTI and YOLO, by readers that share nothing with the exporters; of others pictures are shown.
"""
