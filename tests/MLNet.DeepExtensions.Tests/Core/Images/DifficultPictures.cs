namespace MLNet.DeepExtensions.Tests;

/// <summary>Small pictures of many kinds: 16 × 8 pixels, a red quarter, a green one beside it, blue below, white below the green. And files that are broken, each in a way of its own.</summary>
internal static class DifficultPictures
{
    public const int Width = 16;
    public const int Height = 8;

    // made with Pillow from four rectangles
    private static readonly Dictionary<string, string> good = new()
    {
        ["baseline.jpg"] = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAIABADAREAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD80f8Ahqr/AKkP/wAqn/2qv6o/4pl/9VX/AOWP/wB+H9qf8VDP+qZ/8vf/AL0P6WP+HQX/AFcN/wCWl/8Addf5X/8AEs//AFNf/KH/AN2P8Vf+JPf+p3/5bf8A3wf/2Q==",
        ["progressive.jpg"] = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wgARCAAIABADAREAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAACAn/xAAVAQEBAAAAAAAAAAAAAAAAAAAHCP/aAAwDAQACEAMQAAABNCo1UsleKv/EABYQAQEBAAAAAAAAAAAAAAAAAAAWF//aAAgBAQABBQKqZA//xAAaEQABBQEAAAAAAAAAAAAAAAAAFxhko+Nl/9oACAEDAQE/AXDcy7IR6bXof//EABwRAAEDBQAAAAAAAAAAAAAAAAAXGGRloqPi4//aAAgBAgEBPwFstVwdhM5Vm5//xAAaEAABBQEAAAAAAAAAAAAAAAAANDajpOHi/9oACAEBAAY/AkEuDhqdH//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEAAT8hIX//2gAMAwEAAgADAAAAEAP/xAAUEQEAAAAAAAAAAAAAAAAAAAAQ/9oACAEDAQE/EA2//8QAFBEBAAAAAAAAAAAAAAAAAAAAEP/aAAgBAgEBPxARv//EABQQAQAAAAAAAAAAAAAAAAAAABD/2gAIAQEAAT8QBv8A/9k=",
        ["grey.jpg"] = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/wAALCAAIABABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/APzR/wCGqv8AqQ//ACqf/aq/pY/4dBf9XDf+Wl/911//2Q==",
        ["cmyk.jpg"] = "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoKCgYICwwLCgwJCgoK/8AAFAgACAAQBEMRAE0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwBv/Ec5/wBYuv8AzNn/AN5a/n/pv/EDH/1lF/8AMJ//AH6r9/KP+IGP/rKL/wCYT/8Av1X9/lH/ABAx/wDWUX/zCf8A9+qK/9k=",
        ["exif-2.jpg"] = "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAIAAAAAAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAIABADAREAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD80f8Ahqr/AKkP/wAqn/2qv6o/4pl/9VX/AOWP/wB+H9qf8VDP+qZ/8vf/AL0P6WP+HQX/AFcN/wCWl/8Addf5X/8AEs//AFNf/KH/AN2P8Vf+JPf+p3/5bf8A3wf/2Q==",
        ["exif-3.jpg"] = "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAMAAAAAAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAIABADAREAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD80f8Ahqr/AKkP/wAqn/2qv6o/4pl/9VX/AOWP/wB+H9qf8VDP+qZ/8vf/AL0P6WP+HQX/AFcN/wCWl/8Addf5X/8AEs//AFNf/KH/AN2P8Vf+JPf+p3/5bf8A3wf/2Q==",
        ["exif-4.jpg"] = "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAQAAAAAAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAIABADAREAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD80f8Ahqr/AKkP/wAqn/2qv6o/4pl/9VX/AOWP/wB+H9qf8VDP+qZ/8vf/AL0P6WP+HQX/AFcN/wCWl/8Addf5X/8AEs//AFNf/KH/AN2P8Vf+JPf+p3/5bf8A3wf/2Q==",
        ["exif-5.jpg"] = "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAUAAAAAAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAIABADAREAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD80f8Ahqr/AKkP/wAqn/2qv6o/4pl/9VX/AOWP/wB+H9qf8VDP+qZ/8vf/AL0P6WP+HQX/AFcN/wCWl/8Addf5X/8AEs//AFNf/KH/AN2P8Vf+JPf+p3/5bf8A3wf/2Q==",
        ["exif-6.jpg"] = "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAIABADAREAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD80f8Ahqr/AKkP/wAqn/2qv6o/4pl/9VX/AOWP/wB+H9qf8VDP+qZ/8vf/AL0P6WP+HQX/AFcN/wCWl/8Addf5X/8AEs//AFNf/KH/AN2P8Vf+JPf+p3/5bf8A3wf/2Q==",
        ["exif-7.jpg"] = "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAcAAAAAAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAIABADAREAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD80f8Ahqr/AKkP/wAqn/2qv6o/4pl/9VX/AOWP/wB+H9qf8VDP+qZ/8vf/AL0P6WP+HQX/AFcN/wCWl/8Addf5X/8AEs//AFNf/KH/AN2P8Vf+JPf+p3/5bf8A3wf/2Q==",
        ["exif-8.jpg"] = "/9j/4AAQSkZJRgABAQAAAQABAAD/4QAiRXhpZgAATU0AKgAAAAgAAQESAAMAAAABAAgAAAAAAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAIABADAREAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwD80f8Ahqr/AKkP/wAqn/2qv6o/4pl/9VX/AOWP/wB+H9qf8VDP+qZ/8vf/AL0P6WP+HQX/AFcN/wCWl/8Addf5X/8AEs//AFNf/KH/AN2P8Vf+JPf+p3/5bf8A3wf/2Q==",
        ["grey-16-bit.png"] = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAIEAAAAACFjfwIAAAAGElEQVR4nGP8/58BBTAyovKZGAiA4aEAABZGAhBpmTCEAAAAAElFTkSuQmCC",
        ["palette.png"] = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAIAgMAAACNGJcEAAAADFBMVEX///8A/wD/AAAAAP8XAUDqAAAAFklEQVR4nGNYtSo0lAGN+P+fgQGNAABJlw/xZM8D8AAAAABJRU5ErkJggg==",
        ["one-bit.png"] = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAIAQAAAADYDUI6AAAAIElEQVR4nGMQ2MroKsigcZux9SmDwH8Ghv9MDAxMKgwATRkFwQ0zpYMAAAAASUVORK5CYII=",
        ["transparent.png"] = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAICAYAAADwdn+XAAAAKElEQVR4nGP8z4AfMP5nwKuEiYB+gmDgDWBkYPiP14/4ZQeDFyg2AAChGwcJAzcz8wAAAABJRU5ErkJggg==",
        ["animated.gif"] = "R0lGODdhEAAIAIEAAP///wD/AP8AAAAA/ywAAAAAEAAIAAAIMAAFCBwoMIDBgwYJEkSIUOFAhgcdFoQYYIDFixYBaNyoESNGjhw9XgS5UWRGkgACAgAsAAAAABAACACBAAAAAAAAAAAAAAAACBUAAQgcSLCgwYMIEypcyLChw4cIAwIAOw==",
        ["lossless.webp"] = "UklGRjYAAABXRUJQVlA4TCkAAAAvD8ABAB8gEEjeHzqN+RcQFPwf3fxHZA+AMNtokpOc5P2OIaL/Ufph+wA=",
        ["plain.bmp"] = "Qk22AQAAAAAAADYAAAAoAAAAEAAAAAgAAAABABgAAAAAAIABAADEDgAAxA4AAAAAAAAAAAAA/wAA/wAA/wAA/wAA/wAA/wAA/wAA/wAA/////////////////////////////////wAA/wAA/wAA/wAA/wAA/wAA/wAA/wAA/////////////////////////////////wAA/wAA/wAA/wAA/wAA/wAA/wAA/wAA/////////////////////////////////wAA/wAA/wAA/wAA/wAA/wAA/wAA/wAA////////////////////////////////AAD/AAD/AAD/AAD/AAD/AAD/AAD/AAD/AP8AAP8AAP8AAP8AAP8AAP8AAP8AAP8AAAD/AAD/AAD/AAD/AAD/AAD/AAD/AAD/AP8AAP8AAP8AAP8AAP8AAP8AAP8AAP8AAAD/AAD/AAD/AAD/AAD/AAD/AAD/AAD/AP8AAP8AAP8AAP8AAP8AAP8AAP8AAP8AAAD/AAD/AAD/AAD/AAD/AAD/AAD/AAD/AP8AAP8AAP8AAP8AAP8AAP8AAP8AAP8A",
        ["grey.pgm"] = "UDUKMTYgOAoyNTUKTExMTExMTEyWlpaWlpaWlkxMTExMTExMlpaWlpaWlpZMTExMTExMTJaWlpaWlpaWTExMTExMTEyWlpaWlpaWlh0dHR0dHR0d//////////8dHR0dHR0dHf//////////HR0dHR0dHR3//////////x0dHR0dHR0d//////////8=",
        ["colour.ppm"] = "UDYKMTYgOAoyNTUK/wAA/wAA/wAA/wAA/wAA/wAA/wAA/wAAAP8AAP8AAP8AAP8AAP8AAP8AAP8AAP8A/wAA/wAA/wAA/wAA/wAA/wAA/wAA/wAAAP8AAP8AAP8AAP8AAP8AAP8AAP8AAP8A/wAA/wAA/wAA/wAA/wAA/wAA/wAA/wAAAP8AAP8AAP8AAP8AAP8AAP8AAP8AAP8A/wAA/wAA/wAA/wAA/wAA/wAA/wAA/wAAAP8AAP8AAP8AAP8AAP8AAP8AAP8AAP8AAAD/AAD/AAD/AAD/AAD/AAD/AAD/AAD/////////////////////////////////AAD/AAD/AAD/AAD/AAD/AAD/AAD/AAD/////////////////////////////////AAD/AAD/AAD/AAD/AAD/AAD/AAD/AAD/////////////////////////////////AAD/AAD/AAD/AAD/AAD/AAD/AAD/AAD/////////////////////////////////",
    };

    /// <summary>Gets the names of the files that can be read.</summary>
    public static IEnumerable<string> Good => good.Keys.Order(StringComparer.Ordinal);

    /// <summary>Gets the broken files by name.</summary>
    public static IReadOnlyDictionary<string, byte[]> Broken { get; } = new SortedDictionary<string, byte[]>(MakeBroken(), StringComparer.Ordinal);

    public static byte[] Read(string name) => Convert.FromBase64String(good[name]);

    /// <summary>Writes the good files into one folder.</summary>
    public static void WriteGood(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in good.Keys)
            File.WriteAllBytes(Path.Combine(folder, name), Read(name));
    }

    /// <summary>Writes the broken files into one folder, with a folder and a dangling link that have pictures' names.</summary>
    /// <returns>Their names.</returns>
    public static IReadOnlyList<string> WriteBroken(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, bytes) in Broken)
            File.WriteAllBytes(Path.Combine(folder, name), bytes);
        Directory.CreateDirectory(Path.Combine(folder, "folder.jpg"));
        var names = Broken.Keys.Append("folder.jpg");
        if (OperatingSystem.IsWindows())
            return [.. names];
        File.CreateSymbolicLink(Path.Combine(folder, "dangling.jpg"), "nowhere.jpg");
        return [.. names, "dangling.jpg"];
    }

    private static Dictionary<string, byte[]> MakeBroken()
    {
        var jpeg = Read("baseline.jpg");
        var png = Read("palette.png");
        var random = new byte[600];
        new Random(5).NextBytes(random);
        return new()
        {
            ["empty.jpg"] = [],
            ["one-byte.png"] = [0x89],
            ["text.jpg"] = "This is no picture, whatever its name says."u8.ToArray(),
            ["html.jpg"] = "<!DOCTYPE html><html><body>404 Not Found</body></html>"u8.ToArray(),
            ["noise.jpg"] = random,
            ["signature-only.jpg"] = jpeg[..4],
            ["header-only.jpg"] = jpeg[..180],
            ["cut-in-the-middle.jpg"] = jpeg[..(jpeg.Length - 40)],
            ["signature-only.png"] = png[..8],
            ["cut-in-the-middle.png"] = png[..(png.Length - 30)],
            ["wrong-checksum.png"] = Changed(png, png.Length - 20),
            ["no-size.png"] = PngOf(0, 0, 0xB4E9EB45),
            ["huge.png"] = PngOf(60_000, 60_000, 0x0FB0E215),
            ["header-only.gif"] = "GIF89a"u8.ToArray(),
            ["cut-in-the-middle.gif"] = Read("animated.gif")[..30],
            ["cut-in-the-middle.webp"] = Read("lossless.webp")[..30],
            ["header-only.bmp"] = Read("plain.bmp")[..20],
            ["huge.bmp"] = HugeBmp(),
            ["too-few-bytes.pgm"] = "P5 16 8 255\n0123456789"u8.ToArray(),
            ["huge.pgm"] = "P5 99999 99999 255\n0"u8.ToArray(),
            ["no-size.pgm"] = "P5\n# nothing follows\n"u8.ToArray(),
            ["too-large-value.pgm"] = "P2 2 1 15\n3 99\n"u8.ToArray(),
            ["no-maximum.ppm"] = "P6 1 1 0\nabc"u8.ToArray(),
        };
    }

    private static byte[] Changed(byte[] bytes, int at)
    {
        var copy = (byte[])bytes.Clone();
        copy[at] ^= 0xFF;
        return copy;
    }

    // a right header with a right checksum, and little behind it
    private static byte[] PngOf(int width, int height, uint checksum)
    {
        byte[] header = [.. "IHDR"u8, .. BigEndian(width), .. BigEndian(height), 8, 2, 0, 0, 0];
        return [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 0, 0, 0, 13, .. header, .. BigEndian((int)checksum), .. Read("palette.png")[33..]];
    }

    private static byte[] HugeBmp()
    {
        var bmp = Read("plain.bmp");
        BitConverter.TryWriteBytes(bmp.AsSpan(18), 40_000);
        BitConverter.TryWriteBytes(bmp.AsSpan(22), 40_000);
        return bmp;
    }

    private static byte[] BigEndian(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}
