"""What a chunk is scored by besides the two searches: rare words, sentences, words that the best chunks lend."""
